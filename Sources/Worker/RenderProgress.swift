internal import Farm
internal import Synchronization

/// How far one attempt is, told by its frames and asked by the drain.
final class RenderProgress: Sendable {
    private struct State {
        var report = RenderReport()
        var durations: [Duration] = []
        var framesLeft: Int
        var frameStart: Timestamp?
        var isUploading = false
        var framesBeforeNotice: Int?
    }

    /// The job's mean, for as long as the attempt has no frame of its own.
    private let expected: Duration?
    private let state: Mutex<State>

    init(_ task: RenderTask, of job: Job) {
        expected = job.tally.secondsPerFrame.map { .seconds($0) }
        state = Mutex(State(framesLeft: task.frames.count))
    }

    var report: RenderReport { state.withLock(\.report) }

    /// Frames that an earlier attempt stored are not among `count`.
    func begin(frames count: Int, at now: Timestamp) {
        state.withLock { state in
            state.framesLeft = count
            state.frameStart = now
        }
    }

    /// A frame's picture is whole: the next frame renders while it is uploaded.
    func rendered(_ frame: RenderedFrame, at now: Timestamp) {
        state.withLock { state in
            state.durations.append(frame.duration)
            state.framesLeft = max(0, state.framesLeft - 1)
            state.frameStart = now
            state.isUploading = true
        }
    }

    func stored(_ frame: RenderedFrame) {
        state.withLock { state in
            state.isUploading = false
            state.report.frameCount += 1
            state.report.renderMilliseconds += frame.duration.milliseconds
            state.report.byteCount += frame.byteCount
        }
    }

    var drainProgress: DrainPolicy.Progress {
        state.withLock { state in
            let sorted = state.durations.sorted()
            return DrainPolicy.Progress(
                framesLeft: state.framesLeft,
                frameDuration: sorted.isEmpty ? expected : sorted[sorted.count / 2],
                frameStart: state.frameStart, isUploading: state.isUploading)
        }
    }

    func notice() {
        state.withLock { $0.framesBeforeNotice = $0.report.frameCount }
    }

    /// Frames stored since `notice()`.
    var framesSinceNotice: Int {
        state.withLock { state in
            state.framesBeforeNotice.map { state.report.frameCount - $0 } ?? 0
        }
    }

    /// Render time that is lost when the attempt ends now.
    func unfinished(at now: Timestamp) -> Duration {
        state.withLock { state in
            guard state.framesLeft > 0, let start = state.frameStart else { return .zero }
            return max(.zero, now - start)
        }
    }
}
