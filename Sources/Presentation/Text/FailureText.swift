package import Farm

/// A failed attempt in lines, for people.
package enum FailureText {
    /// Empty for an attempt that did not fail.
    package static func lines(_ attempt: Attempt, _ retries: RetryPolicy = RetryPolicy())
        -> [String]
    {
        guard case .failed(let failure) = attempt.outcome else { return [] }
        let (task, token) = (attempt.task.number, attempt.token.rawValue)
        let kind = retries.words(for: failure.kind.errorClass)
        return ["task \(task), attempt \(token) on \(attempt.worker): \(kind)"]
            + failure.message.split(separator: "\n").map { "  \($0)" }
            + (attempt.report?.logKey == nil
                ? []
                : [
                    "  Blender's log: spotrender logs \(attempt.task.job) \(task)"
                        + " --attempt \(token)"
                ])
    }
}
