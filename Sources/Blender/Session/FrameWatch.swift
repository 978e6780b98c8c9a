import Farm
import Synchronization

/// Measures what each frame takes, and ends a Blender whose frame takes too long.
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
        /// What Blender is at, since when, and how long it was at what in this frame.
        var stage: BlenderProgress.Stage = .synchronizing
        var stageStart: ContinuousClock.Instant
        var stages: [BlenderProgress.Stage: Duration] = [:]
        var memoryPeak: Int64?
        /// As it is until Blender is started.
        var isPaused = true
        var isExpired = false
        var group: ProcessGroup?

        init(at now: ContinuousClock.Instant) {
            (frameStart, limitStart, stageStart) = (now, now, now)
        }

        mutating func begin(at now: ContinuousClock.Instant) {
            (frameStart, limitStart, stageStart) = (now, now, now)
            (opening, stage, stages) = (.zero, .synchronizing, [:])
        }

        mutating func turn(to next: BlenderProgress.Stage, at now: ContinuousClock.Instant) {
            stages[stage, default: .zero] += now - stageStart
            (stage, stageStart) = (next, now)
        }
    }

    /// What a frame, or another piece of work, took.
    struct Measure: Hashable, Sendable {
        var duration: Duration
        /// Of that, from Blender's start until it had the scene open.
        var opening: Duration = .zero
        /// All but the device.
        var use = MachineUse()
    }

    private let state: Mutex<State>
    private let limit: FrameLimit
    private let grace: Duration
    private let clock = ContinuousClock()

    /// So often it is looked, at the least: the limit is another one once the scene is open, and a
    /// Blender that the kernel ends for want of memory can't be asked any more what it had.
    private static let interval: Duration = .seconds(1)

    /// - Parameter grace: Between SIGTERM and SIGKILL.
    init(_ limit: FrameLimit, grace: Duration) {
        self.limit = limit
        self.grace = grace
        state = Mutex(State(at: clock.now))
    }

    var isExpired: Bool { state.withLock { $0.isExpired } }

    /// See `MachineUse.memoryPeak`.
    var memoryPeak: Int64? { state.withLock { $0.memoryPeak } }

    /// - Parameter isOpen: This Blender has the scene open from before.
    func start(_ group: ProcessGroup, isOpen: Bool) {
        state.withLock {
            $0.group = group
            $0.isOpen = isOpen
            $0.isPaused = false
            $0.begin(at: clock.now)
        }
        // It may be gone before the next look.
        look()
    }

    /// Blender has the scene open.
    func open() {
        state.withLock {
            let now = clock.now
            $0.isOpen = true
            $0.opening = now - $0.frameStart
            ($0.limitStart, $0.stageStart) = (now, now)
        }
    }

    /// Blender says what it is at.
    func note(_ progress: BlenderProgress) {
        guard let stage = progress.stage else { return }
        state.withLock { $0.turn(to: stage, at: clock.now) }
    }

    /// What the frame took that has just ended; the next one begins.
    func endFrame() -> Measure {
        look()
        return state.withLock { state in
            let now = clock.now
            state.turn(to: .synchronizing, at: now)
            var measure = Measure(duration: now - state.frameStart, opening: state.opening)
            measure.use.memoryPeak = state.memoryPeak
            // An engine that tells of no samples does not tell of the rest either.
            if state.stages[.sampling] != nil {
                measure.use.synchronizing = state.stages[.synchronizing] ?? .zero
                measure.use.finishing = state.stages[.finishing] ?? .zero
            }
            state.isOpen = true
            state.begin(at: now)
            return measure
        }
    }

    func pause() {
        state.withLock { $0.isPaused = true }
    }

    func resume() {
        state.withLock {
            $0.isPaused = false
            $0.begin(at: clock.now)
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
                look()
                try await clock.sleep(until: nextLook())
            }
            state.withLock { $0.group?.terminate() }
            try await clock.sleep(for: grace)
            state.withLock { $0.group?.kill() }
        } catch {
            // Canceled: the render is over.
        }
    }

    /// At Blender's memory.
    private func look() {
        guard let bytes = state.withLock({ $0.group })?.memoryPeak else { return }
        state.withLock { $0.memoryPeak = max($0.memoryPeak ?? 0, bytes) }
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
