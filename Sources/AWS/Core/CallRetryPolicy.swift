/// When a failed call is tried again, and after what pause: AWS's standard mode with full jitter.
package struct CallRetryPolicy: Hashable, Sendable {
    /// The first attempt counts.
    package var attemptsMax: Int
    /// The longest pause before the first retry; it doubles with every further one.
    package var pauseBase: Duration
    package var pauseMax: Duration

    package init(
        attemptsMax: Int = 3, pauseBase: Duration = .milliseconds(200),
        pauseMax: Duration = .seconds(20)
    ) {
        precondition(attemptsMax >= 1, "A call is attempted at least once.")
        self.attemptsMax = attemptsMax
        self.pauseBase = pauseBase
        self.pauseMax = pauseMax
    }

    /// The pause after that many attempts; `nil` when they were enough.
    ///
    /// - Parameter chance: in 0..<1. Full jitter: anything from nothing to the bound, so that
    ///   workers that were refused together don't come back together.
    func pause(afterAttempts attempts: Int, chance: Double) -> Duration? {
        guard attempts < attemptsMax else { return nil }
        let doublings = min(attempts - 1, 20)
        return min(pauseBase * (1 << doublings), pauseMax) * chance
    }
}
