import Farm

/// A frame that Blender says is saved.
struct FinishedFrame: Hashable, Sendable {
    let number: Int
    let measure: FrameWatch.Measure
    let isCropped: Bool
}

/// Hears of each frame once, as Blender says it is saved, and of the end of them. Takes one of
/// `credits` for each, and waits while there is none.
struct FrameEventReader: OutputReader {
    enum Event: Sendable {
        case saved(FinishedFrame)
        /// No more is to come: Blender says so, or has ended.
        case over(BlenderTranscript)
    }

    /// With the directory that Blender knows of.
    let request: RenderRequest
    let watch: FrameWatch
    let credits: AsyncStream<Void>
    let told: @Sendable (FrameProgress?) -> Void

    func read(
        _ lines: inout OutputLines, into log: String, _ events: AsyncStream<Event>.Continuation
    ) async throws -> BlenderTranscript {
        var credit = credits.makeAsyncIterator()
        var awaited = Dictionary(
            uniqueKeysWithValues: request.frames.frames.map { (request.path(of: $0), $0) })
        let seen = try await lines.forEach(into: log) { (line, seen) in
            if case .note(.opened) = line { watch.open() }
            if case .note(.rendered) = line {
                // It waits for us: the last pictures may take long to store.
                watch.pause()
                return false
            }
            if case .progress(let progress) = line {
                watch.hear(progress)
                told(FrameProgress(progress))
            }
            guard case .saved(let path) = line, let number = awaited.removeValue(forKey: path)
            else { return true }
            let frame = FinishedFrame(
                number: number, measure: watch.endFrame().on(seen.device),
                isCropped: seen.isCropped)
            watch.pause()
            guard await credit.next(isolation: #isolation) != nil else { return false }
            watch.resume()
            events.yield(.saved(frame))
            return true
        }
        events.yield(.over(seen))
        return seen
    }
}

extension FrameWatch.Measure {
    /// With what Cycles said that it renders on.
    func on(_ device: String?) -> Self {
        var measure = self
        measure.use.device = device
        return measure
    }
}

extension FrameProgress {
    init(_ progress: BlenderProgress) {
        self.init(
            frame: progress.frame, samples: progress.samples, samplesMax: progress.samplesMax)
    }
}
