internal import FoundationEssentials

/// Clock, pauses and chance, handed in so that tests neither wait nor wonder.
package struct Timing: Sendable {
    /// The wall clock, which signatures and expiry dates go by.
    package var now: @Sendable () -> UTCTime
    /// Rises steadily from any start: for what took how long.
    package var elapsed: @Sendable () -> Duration
    package var pause: @Sendable (Duration) async throws(CancellationError) -> Void
    /// Evenly distributed in 0..<1.
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

    /// The machine's clocks and generator.
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
