/// No source had usable credentials. The description lists the sources and the next step.
package struct CredentialsError: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Attempt: Hashable, Sendable {
        package let source: String
        package let outcome: String

        package init(source: String, outcome: String) {
            self.source = source
            self.outcome = outcome
        }
    }

    /// In the order in which they were tried.
    package let attempts: [Attempt]
    /// Whether the call was canceled. Then the error says nothing about the sources.
    package let isCanceled: Bool

    package init(attempts: [Attempt], isCanceled: Bool = false) {
        self.attempts = attempts
        self.isCanceled = isCanceled
    }

    package var description: String {
        let tried = attempts.map { "\($0.source): \($0.outcome)" }.joined(separator: "; ")
        return "No AWS credentials (\(tried)). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
            + " choose a profile with keys by AWS_PROFILE, or run where a role provides them"
            + " (`aws configure export-credentials --format env` prints a login as variables)."
    }
}
