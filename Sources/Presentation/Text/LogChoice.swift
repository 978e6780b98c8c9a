package import Farm

/// Chooses the attempt whose log a person wants to see: the last that failed, else the last.
package enum LogChoice {
    /// - Parameters:
    ///   - task: A task's number; `nil` for any.
    ///   - token: One attempt of the task; `nil` for any.
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

    /// The line above the log.
    package static func title(_ attempt: Attempt) -> String {
        let outcome =
            switch attempt.outcome {
            case .succeeded: "succeeded"
            case .failed(let failure): "failed: \(failure.message)"
            case .interrupted(let interruption): "was interrupted (\(interruption.cause.rawValue))"
            case .expired: "expired: its worker stopped renewing the lease"
            case .canceled: "was canceled"
            }
        let memory =
            attempt.report?.use.memoryPeak.map {
                ", up to \(Format.bytes($0)) of memory"
            } ?? ""
        return "Task \(attempt.task.number), attempt \(attempt.token), on \(attempt.worker)"
            + " (\(attempt.pool)\(memory)) \(outcome)"
    }
}
