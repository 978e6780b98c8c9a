extension Job {
    package enum State: Hashable, Sendable {
        /// Its tasks are being written, and none has a message yet.
        case splitting
        /// Only its canary is rendered.
        case trying
        case queued
        case rendering
        /// All its frames' tasks have ended. Only the assembly is left.
        case assembling
        /// No task begins. Running frames finish.
        case paused
        /// Its tasks are being canceled.
        case canceling
        /// Its tasks are being canceled, because the job was given up.
        case failing(JobFailure)
        case succeeded
        case failed(JobFailure)
        case canceled

        package var isSettled: Bool {
            switch self {
            case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling,
                .failing:
                false
            case .succeeded, .failed, .canceled: true
            }
        }

        /// As it is stored, and shown to programs.
        package var name: String {
            switch self {
            case .splitting: "splitting"
            case .trying: "trying"
            case .queued: "queued"
            case .rendering: "rendering"
            case .assembling: "assembling"
            case .paused: "paused"
            case .canceling: "canceling"
            case .failing: "failing"
            case .succeeded: "succeeded"
            case .failed: "failed"
            case .canceled: "canceled"
            }
        }

        /// Whether workers may take its tasks.
        package var isWork: Bool {
            switch self {
            case .splitting, .trying, .queued, .rendering, .assembling: true
            case .paused, .canceling, .failing, .succeeded, .failed, .canceled: false
            }
        }

        /// Whether the open tasks are to be canceled.
        package var endsTasks: Bool {
            switch self {
            case .canceling, .failing: true
            case .splitting, .trying, .queued, .rendering, .assembling, .paused, .succeeded,
                .failed, .canceled:
                false
            }
        }

        package var failure: JobFailure? {
            switch self {
            case .failing(let failure), .failed(let failure): failure
            case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling,
                .succeeded, .canceled:
                nil
            }
        }
    }
}
