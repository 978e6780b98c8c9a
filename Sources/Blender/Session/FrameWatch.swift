import Farm
import Synchronization

/// Measures what each frame takes, and ends a Blender whose frame takes too long.
///
/// A heavy frame may print nothing for minutes, so only the whole frame's time counts. Time in
/// which Blender waits for slow stores does not count. Opening the scene has a limit of its own.
final class FrameWatch: Sendable {
    private struct State {
        var frameStart: ContinuousClock.Instant
        /// The start of what is limited: the opening, or the frame after the opening.
        var limitStart: ContinuousClock.Instant
        var opening: Duration = .zero
        var isOpen = false
        /// The current stage, its start, and the time of each stage in this frame.
        var stage: BlenderProgress.Stage = .synchronizing
        var stageStart: ContinuousClock.Instant
        var stages: [BlenderProgress.Stage: Duration] = [:]
        var memoryPeak: Int64?
        /// True until Blender starts.
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

    /// Time and memory of a frame, or of another piece of work.
    struct Measure: Hashable, Sendable {
        var duration: Duration
        /// The part of `duration` from Blender's start until the scene was open.
        var opening: Duration = .zero
        /// Everything except the device.
        var use = MachineUse()
    }

    private let state: Mutex<State>
    private let limit: FrameLimit
    private let grace: Duration
    private let clock = ContinuousClock()

    /// The longest time between two checks. The limit changes when the scene is open. And when the
    /// kernel kills Blender for lack of memory, only an earlier check knows how much Blender used.
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

    /// - Parameter isOpen: This Blender already has the scene open.
    func start(_ group: ProcessGroup, isOpen: Bool) {
        state.withLock {
            $0.group = group
            $0.isOpen = isOpen
            $0.isPaused = false
            $0.begin(at: clock.now)
        }
        // The process may be gone before the next check.
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

    /// Notes the stage that Blender reports.
    func note(_ progress: BlenderProgress) {
        guard let stage = progress.stage else { return }
        state.withLock { $0.turn(to: stage, at: clock.now) }
    }

    /// Ends a frame, returns what it took, and begins the next frame.
    func endFrame() -> Measure {
        look()
        return state.withLock { state in
            let now = clock.now
            state.turn(to: .synchronizing, at: now)
            var measure = Measure(duration: now - state.frameStart, opening: state.opening)
            measure.use.memoryPeak = state.memoryPeak
            // An engine that reports no samples does not report the other stages either.
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

    /// Blender is gone, or serves another request. From now on nothing is ended.
    func stop() {
        state.withLock { $0.group = nil }
    }

    /// Returns after it ended a Blender whose frame took too long, or when canceled.
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

    /// Checks Blender's memory.
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
