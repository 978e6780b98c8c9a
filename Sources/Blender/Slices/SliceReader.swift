import Farm

/// Hears of Blender's opening the scene and of each slice, with the time it took. Blender then
/// waits for an answer, which does not count as its time.
struct SliceReader: OutputReader {
    typealias Event = (note: RenderNote, measure: FrameWatch.Measure, isCropped: Bool)

    let watch: FrameWatch
    let told: @Sendable (FrameProgress?) -> Void

    func read(
        _ lines: inout OutputLines, into log: String, _ events: AsyncStream<Event>.Continuation
    ) async throws -> BlenderTranscript {
        try await lines.forEach(into: log) { (line, seen) in
            if case .progress(let progress) = line {
                watch.hear(progress)
                told(FrameProgress(progress))
            }
            guard case .note(let note) = line else { return true }
            switch note {
            case .samples, .sliced, .unsliceable:
                let measure = watch.endFrame().on(seen.device)
                watch.pause()
                events.yield((note, measure, seen.isCropped))
            case .opened, .cropped, .device, .refused, .renderError, .rendered, .assembly: break
            }
            return true
        }
    }
}
