package import Farm

/// Which attempt's output a person wants to see: of one task its last, else that of the last attempt
/// that failed, else the last of all.
package enum LogChoice {
    /// - Parameters:
    ///   - task: A task's number, or `nil` for any.
    ///   - token: A certain attempt of it.
    package static func choose(
        _ attempts: [Attempt], task: Int? = nil, attempt token: Int? = nil
    ) -> Attempt? {
        let candidates = attempts.filter {
            (task == nil || $0.task.number == task) && (token == nil || $0.token.rawValue == token)
        }.sorted { ($0.end, $0.token) < ($1.end, $1.token) }
        let failed = candidates.last {
            if case .failed = $0.outcome { true } else { false }
        }
        return failed ?? candidates.last
    }

    /// One line above the output.
    package static func title(_ attempt: Attempt) -> String {
        let outcome =
            switch attempt.outcome {
            case .succeeded: "succeeded"
            case .failed(let failure): "failed: \(failure.message)"
            case .interrupted(let interruption): "was interrupted (\(interruption.cause.rawValue))"
            case .expired: "was given up: nothing was heard of its worker"
            case .canceled: "was canceled"
            }
        let memory =
            attempt.report?.use.memoryPeak.map {
                ", up to \(MachineUse.words(bytes: $0)) of memory"
            } ?? ""
        return "Task \(attempt.task.number), attempt \(attempt.token), on \(attempt.worker)"
            + " (\(attempt.pool)\(memory)) \(outcome)"
    }
}
