import Farm

/// A frame that Blender says is saved.
struct FinishedFrame: Hashable, Sendable {
    let number: Int
    let duration: Duration
    var opening: Duration = .zero
    let isCropped: Bool
}

/// Hears of each frame once, as Blender says it is saved. Takes one of `credits` for each, and
/// waits while there is none.
struct FrameReader: OutputReader {
    let request: RenderRequest
    let watch: FrameWatch
    let credits: AsyncStream<Void>
    let told: @Sendable (FrameProgress?) -> Void

    func read(
        _ lines: OutputLines, _ finished: AsyncStream<FinishedFrame>.Continuation
    ) async throws -> Observation {
        var credit = credits.makeAsyncIterator()
        var awaited = Dictionary(
            uniqueKeysWithValues: request.frames.frames.map { (request.path(of: $0), $0) })
        return try await lines.forEach { (line, seen) in
            if case .note(.opened) = line { watch.open() }
            if case .progress(let progress) = line { told(FrameProgress(progress)) }
            guard case .saved(let path) = line, let number = awaited.removeValue(forKey: path)
            else { return true }
            let frame = FinishedFrame(
                number: number, duration: watch.endFrame(), opening: watch.takeOpening(),
                isCropped: seen.isCropped)
            watch.pause()
            guard await credit.next(isolation: #isolation) != nil else { return false }
            watch.resume()
            finished.yield(frame)
            return true
        }
    }
}

extension FrameProgress {
    init(_ progress: RenderProgress) {
        self.init(
            frame: progress.frame, samples: progress.samples, samplesMax: progress.samplesMax)
    }
}
