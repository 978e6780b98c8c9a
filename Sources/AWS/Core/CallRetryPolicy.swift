/// Whether and when a failed call is tried again: AWS's standard mode with full jitter.
package struct CallRetryPolicy: Hashable, Sendable {
    /// Attempts per call, including the first.
    package var attemptsMax: Int
    /// The longest pause before the first retry. The bound doubles with every further retry.
    package var pauseBase: Duration
    package var pauseMax: Duration

    package init(
        attemptsMax: Int = 3, pauseBase: Duration = .milliseconds(200),
        pauseMax: Duration = .seconds(20)
    ) {
        precondition(attemptsMax >= 1, "A call has at least one attempt.")
        self.attemptsMax = attemptsMax
        self.pauseBase = pauseBase
        self.pauseMax = pauseMax
    }

    /// The pause after this number of attempts, or `nil` when there is no further attempt.
    ///
    /// - Parameter chance: a random number in 0..<1. The pause is this share of the bound, so that
    ///   workers that were throttled together do not retry together.
    func pause(afterAttempts attempts: Int, chance: Double) -> Duration? {
        guard attempts < attemptsMax else { return nil }
        let doublings = min(attempts - 1, 20)
        return min(pauseBase * (1 << doublings), pauseMax) * chance
    }
}
