import AWS
import Synchronization

/// A clock that moves only during pauses, and records them.
final class TestTiming: Sendable {
    private struct State {
        var now: UTCTime
        var elapsed: Duration = .zero
        var pauses: [Duration] = []
    }

    /// 2015-08-30T12:36:00Z.
    static let start = UTCTime(millisecondsSinceEpoch: 1_440_938_160_000)

    private let state = Mutex(State(now: TestTiming.start))
    private let chance: Double

    init(chance: Double = 0.5) {
        self.chance = chance
    }

    var pauses: [Duration] { state.withLock { $0.pauses } }

    func advance(by duration: Duration) {
        state.withLock {
            $0.now = $0.now.advanced(by: duration)
            $0.elapsed += duration
        }
    }

    var timing: Timing {
        Timing(
            now: { self.state.withLock { $0.now } },
            elapsed: { self.state.withLock { $0.elapsed } },
            pause: { duration in
                self.state.withLock { $0.pauses.append(duration) }
                self.advance(by: duration)
            },
            chance: { self.chance })
    }
}
