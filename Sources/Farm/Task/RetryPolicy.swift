/// How often a task may fail before it is failed for good.
package struct RetryPolicy: Hashable, Sendable {
    /// The failure that is the last. Interruptions do not count.
    package var failuresMax: Int
    /// Past these a task is for On-Demand workers only. At the worst reclaim rate on record (1.3 an
    /// instance-hour) a task so often interrupted does not fit on Spot.
    package static let interruptionsMax = 10
    /// Grows with each failure, so that a passing fault has time to pass.
    package var delayPerFailure: Duration

    package init(failuresMax: Int = 3, delayPerFailure: Duration = .seconds(5)) {
        precondition(failuresMax >= 1, "A task may fail at least once.")
        self.failuresMax = failuresMax
        self.delayPerFailure = delayPerFailure
    }

    func delay(afterFailures count: Int) -> Duration { delayPerFailure * count }
}
