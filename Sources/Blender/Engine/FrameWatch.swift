import Farm
import Synchronization

/// Measures how long each frame takes, and ends a Blender whose frame takes too long.
///
/// Minutes of silence are normal in a heavy frame, so only the whole frame's time counts. Time in
/// which Blender waits for us, because pictures are stored too slowly, does not; nor does the
/// opening of the scene, which has a limit of its own.
final class FrameWatch: Sendable {
    private struct State {
        var frameStart: ContinuousClock.Instant
        /// What the limit is of: the opening, or a frame without it.
        var limitStart: ContinuousClock.Instant
        var opening: Duration = .zero
        var isOpen = false
        /// As it is until Blender is started.
        var isPaused = true
        var isExpired = false
        var group: ProcessGroup?
    }

    private let state: Mutex<State>
    private let limit: FrameLimit
    private let grace: Duration
    private let clock = ContinuousClock()

    /// So often it is looked, at the least: the limit is another one once the scene is open.
    private static let interval: Duration = .seconds(1)

    /// - Parameter grace: Between SIGTERM and SIGKILL.
    init(_ limit: FrameLimit, grace: Duration) {
        self.limit = limit
        self.grace = grace
        state = Mutex(State(frameStart: clock.now, limitStart: clock.now))
    }

    var isExpired: Bool { state.withLock { $0.isExpired } }

    /// - Parameter isOpen: This Blender has the scene open from before.
    func start(_ group: ProcessGroup, isOpen: Bool) {
        state.withLock {
            $0.group = group
            $0.isOpen = isOpen
            $0.isPaused = false
            begin(&$0)
        }
    }

    /// Blender has the scene open.
    func open() {
        state.withLock {
            $0.isOpen = true
            $0.limitStart = clock.now
            $0.opening = $0.limitStart - $0.frameStart
        }
    }

    /// From Blender's start until then; answered once, for the frame that waited for it.
    func takeOpening() -> Duration {
        state.withLock { state in
            defer { state.opening = .zero }
            return state.opening
        }
    }

    /// How long the frame took that has just ended.
    func endFrame() -> Duration {
        state.withLock { state in
            let start = state.frameStart
            state.isOpen = true
            begin(&state)
            return state.frameStart - start
        }
    }

    func pause() {
        state.withLock { $0.isPaused = true }
    }

    func resume() {
        state.withLock {
            $0.isPaused = false
            begin(&$0)
        }
    }

    private func begin(_ state: inout State) {
        state.frameStart = clock.now
        state.limitStart = state.frameStart
    }

    /// Blender is gone, or another's: there is nothing to end.
    func stop() {
        state.withLock { $0.group = nil }
    }

    /// Returns when a frame took too long and Blender was ended, or when canceled.
    func run() async {
        do {
            while !expire() {
                try await clock.sleep(until: nextLook())
            }
            state.withLock { $0.group?.terminate() }
            try await clock.sleep(for: grace)
            state.withLock { $0.group?.kill() }
        } catch {
            // Canceled: the render is over.
        }
    }

    private func nextLook() -> ContinuousClock.Instant {
        state.withLock { state in
            let next = clock.now + Self.interval
            return state.isPaused ? next : min(next, end(state))
        }
    }

    private func end(_ state: State) -> ContinuousClock.Instant {
        state.limitStart + (state.isOpen ? limit.duration : limit.opening)
    }

    private func expire() -> Bool {
        state.withLock {
            guard !$0.isPaused, clock.now >= end($0) else { return false }
            $0.isExpired = true
            return true
        }
    }
}
