internal import FoundationEssentials

/// Clocks, pauses and random numbers. Tests pass their own, so that they are fast and repeatable.
package struct Timing: Sendable {
    /// The wall clock, for signatures and expiration times.
    package var now: @Sendable () -> UTCTime
    /// A monotonic clock, for measuring durations.
    package var elapsed: @Sendable () -> Duration
    package var pause: @Sendable (Duration) async throws(CancellationError) -> Void
    /// A uniformly distributed random number in 0..<1.
    package var chance: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> UTCTime,
        elapsed: @escaping @Sendable () -> Duration,
        pause: @escaping @Sendable (Duration) async throws(CancellationError) -> Void,
        chance: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.elapsed = elapsed
        self.pause = pause
        self.chance = chance
    }

    /// The machine's clocks and random number generator.
    package static let system: Timing = {
        let start = ContinuousClock.now
        return Timing(
            now: {
                UTCTime(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
            },
            elapsed: { ContinuousClock.now - start },
            pause: { duration async throws(CancellationError) in
                do {
                    try await Task.sleep(for: duration)
                } catch {
                    throw CancellationError()
                }
            },
            chance: { Double.random(in: 0..<1) }
        )
    }()
}
