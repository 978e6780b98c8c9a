internal import Farm
internal import Synchronization

/// The progress of one attempt. The render reports its frames here, and the drain reads it.
final class RenderProgress: Sendable {
    private struct State {
        var report = RenderReport()
        var durations: [Duration] = []
        var framesLeft: Int
        var frameStart: Timestamp?
        var isUploading = false
        var framesBeforeNotice: Int?
        /// Set while a frame is rendered in slices: then slices are counted and timed, not frames.
        var slice: Slice?
    }

    private struct Slice {
        var left: Int
        /// Expected render time of the slice in progress.
        var length: Duration?
    }

    /// The job's mean time for a frame, used until this attempt has rendered one.
    private let expected: Duration?
    private let leased: Timestamp?
    private let state: Mutex<State>

    init(_ task: RenderTask, of job: Job) {
        leased = if case .leased(let lease) = task.state { lease.start } else { nil }
        // An assembly counts as one frame of unknown length.
        let isAssembly = task.work == .assembly
        expected = isAssembly ? nil : job.tally.secondsPerFrame.map { .seconds($0) }
        state = Mutex(State(framesLeft: isAssembly ? 1 : task.frames.count))
    }

    var report: RenderReport { state.withLock(\.report) }

    func choose(_ blender: BlenderVersion?) {
        state.withLock { $0.report.blender = blender }
    }

    /// - Parameter count: Frames to render, without those that an earlier attempt stored.
    func begin(frames count: Int, at now: Timestamp) {
        state.withLock { state in
            state.slice = nil
            state.framesLeft = count
            state.frameStart = now
            state.report.fetchMilliseconds += max(0, unassignedMilliseconds(state.report, at: now))
        }
    }

    /// A frame is rendered. The next frame renders while this one is uploaded.
    func rendered(_ frame: RenderedFrame, at now: Timestamp) {
        state.withLock { state in
            state.durations.append(frame.duration)
            state.framesLeft = max(0, state.framesLeft - 1)
            state.frameStart = now
            state.isUploading = true
        }
    }

    func stored(_ frame: RenderedFrame, at now: Timestamp) {
        state.withLock { state in
            state.isUploading = false
            state.report.add(frame)
            // The sum shrinks when the next frame rendered meanwhile.
            state.report.storeMilliseconds = max(
                0, state.report.storeMilliseconds + unassignedMilliseconds(state.report, at: now))
        }
    }

    /// The part of the time since the lease that no phase contains yet.
    private func unassignedMilliseconds(_ report: RenderReport, at now: Timestamp) -> Int64 {
        guard let leased else { return 0 }
        return (now - leased - AttemptPhases(report).total).milliseconds
    }

    func stored(_ file: AssembledFile) {
        state.withLock { $0.report.byteCount += file.byteCount }
    }

    /// The assembly's files are stored.
    func assembled(_ assembled: Assembled) {
        state.withLock { state in
            state.framesLeft = 0
            for frame in assembled.blankFrames { state.report.note(blank: frame) }
        }
    }

    var drainProgress: DrainPolicy.Progress {
        state.withLock { state in
            if let slice = state.slice {
                return DrainPolicy.Progress(
                    framesLeft: slice.left, frameDuration: slice.length,
                    frameStart: state.frameStart, isUploading: state.isUploading)
            }
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

    /// Render time that is lost if the attempt ends now.
    func unfinished(at now: Timestamp) -> Duration {
        state.withLock { state in
            let left = state.slice?.left ?? state.framesLeft
            guard left > 0, let start = state.frameStart else { return .zero }
            return max(.zero, now - start)
        }
    }

    // MARK: Slices

    func decide(_ decision: SliceDecision) {
        state.withLock { state in
            if state.report.slicing == nil {
                state.report.slicing = SlicingReport(decision: decision)
            } else {
                state.report.slicing?.decision = decision
            }
        }
    }

    /// The scene is open for slices.
    func opened(_ measured: SliceMeasurement) {
        state.withLock { state in
            state.report.slicing?.frameSamples = measured.samples
            guard measured.slices.isEmpty else { return }
            state.report.openMilliseconds += measured.openDuration.milliseconds
            state.report.renderMilliseconds += measured.openDuration.milliseconds
        }
    }

    /// - Parameter left: Slices that the task still has to render, including this one.
    func beginSlice(left: Int, length: Duration?, at now: Timestamp) {
        state.withLock { state in
            state.slice = Slice(left: left, length: length)
            state.frameStart = now
        }
    }

    /// The slice is rendered. Its samples are lost if it is not stored.
    func isStoring() {
        state.withLock { $0.isUploading = true }
    }

    func stored(_ slice: RenderedSlice, within duration: Duration) {
        state.withLock { state in
            state.isUploading = false
            state.frameStart = nil
            state.slice?.left -= 1
            state.report.slicing?.sliceCount += 1
            state.report.slicing?.sampleCount += slice.range.count
            state.report.slicing?.storeMilliseconds += duration.milliseconds
            state.report.renderMilliseconds += slice.duration.milliseconds
            state.report.byteCount += slice.byteCount
            state.report.use += slice.use
        }
    }

    /// No slice is left. What follows is short, or another worker does it.
    func endSlices() {
        state.withLock { $0.slice = Slice(left: 0) }
    }

    /// The frame is merged from its slices and stored.
    func merged(_ frame: RenderedFrame, within duration: Duration) {
        state.withLock { state in
            state.report.frameCount += 1
            state.report.byteCount += frame.storedByteCount
            if frame.isBlank { state.report.note(blank: frame.number) }
            state.report.use += frame.use
            state.report.slicing?.mergeMilliseconds += duration.milliseconds
        }
    }
}
