import Farm

/// A frame that Blender reports as saved.
struct FinishedFrame: Hashable, Sendable {
    let number: Int
    let measure: FrameWatch.Measure
    let isCropped: Bool
}

/// Makes an event of each frame, when Blender reports it as saved, and of the end of the frames.
/// Each frame takes one of `credits`. The reader waits while there is none.
struct FrameEventReader: OutputReader {
    let credits: AsyncStream<Void>
    let onProgress: @Sendable (FrameProgress?) -> Void

    func read(
        _ lines: inout OutputLines, for session: BlenderSession
    ) async throws -> BlenderTranscript {
        let (request, watch) = (session.command.request, session.watch)
        var credit = credits.makeAsyncIterator()
        var awaited = Dictionary(
            uniqueKeysWithValues: request.frames.frames.map { (request.path(of: $0), $0) })
        let seen = try await lines.forEach(into: request.log) { (line, seen) in
            if case .note(.opened) = line { watch.open() }
            if case .note(.rendered) = line {
                // Blender waits. Storing the last pictures may take long.
                watch.pause()
                return false
            }
            if case .progress(let progress) = line {
                watch.note(progress)
                onProgress(FrameProgress(progress))
            }
            guard case .saved(let path) = line, let number = awaited.removeValue(forKey: path)
            else { return true }
            let frame = FinishedFrame(
                number: number, measure: watch.endFrame().on(seen.device),
                isCropped: seen.isCropped)
            watch.pause()
            guard await credit.next(isolation: #isolation) != nil else { return false }
            watch.resume()
            session.report(.saved(frame))
            return true
        }
        session.report(.over(seen))
        return seen
    }
}

extension FrameWatch.Measure {
    /// The measure with the device that Cycles named.
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
