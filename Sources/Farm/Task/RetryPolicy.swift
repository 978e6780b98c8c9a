/// How often a task may fail before it is failed for good.
package struct RetryPolicy: Hashable, Sendable {
    /// The failure that is the last. Interruptions do not count.
    package var failuresMax: Int
    /// Grows with each failure, so that a passing fault has time to pass.
    package var delayPerFailure: Duration

    package init(failuresMax: Int = 3, delayPerFailure: Duration = .seconds(5)) {
        precondition(failuresMax >= 1, "A task may fail at least once.")
        self.failuresMax = failuresMax
        self.delayPerFailure = delayPerFailure
    }

    func delay(afterFailures count: Int) -> Duration { delayPerFailure * count }
}
