import Synchronization

/// Measures how long each frame takes, and ends a Blender whose frame takes too long.
///
/// Minutes of silence are normal in a heavy frame, so only the whole frame's time counts. Time in
/// which Blender waits for us, because pictures are stored too slowly, does not.
final class FrameWatch: Sendable {
    private struct State {
        var frameStart: ContinuousClock.Instant
        var opening: Duration = .zero
        /// As it is until Blender is started.
        var isPaused = true
        var isExpired = false
        var group: ProcessGroup?
    }

    private let state: Mutex<State>
    private let frameDurationMax: Duration
    private let grace: Duration
    private let clock = ContinuousClock()

    /// - Parameter grace: Between SIGTERM and SIGKILL.
    init(frameDurationMax: Duration, grace: Duration) {
        self.frameDurationMax = frameDurationMax
        self.grace = grace
        state = Mutex(State(frameStart: clock.now))
    }

    var isExpired: Bool { state.withLock { $0.isExpired } }

    func start(_ group: ProcessGroup) {
        state.withLock {
            $0.group = group
            $0.isPaused = false
            $0.frameStart = clock.now
        }
    }

    /// Blender has the scene open.
    func open() {
        state.withLock { $0.opening = clock.now - $0.frameStart }
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
            let now = clock.now
            defer { state.frameStart = now }
            return now - state.frameStart
        }
    }

    func pause() {
        state.withLock { $0.isPaused = true }
    }

    func resume() {
        state.withLock {
            $0.isPaused = false
            $0.frameStart = clock.now
        }
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
        state.withLock { ($0.isPaused ? clock.now : $0.frameStart) + frameDurationMax }
    }

    private func expire() -> Bool {
        state.withLock {
            guard !$0.isPaused, clock.now >= $0.frameStart + frameDurationMax else { return false }
            $0.isExpired = true
            return true
        }
    }
}
