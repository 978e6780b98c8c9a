import Farm

/// Makes an event of the opened scene and of each slice, with the time it took. Blender then waits
/// for the next line. That time does not count.
struct SliceReader: OutputReader {
    let onProgress: @Sendable (FrameProgress?) -> Void

    func read(
        _ lines: inout OutputLines, for session: BlenderSession
    ) async throws -> BlenderTranscript {
        let watch = session.watch
        return try await lines.forEach(into: session.command.request.log) { (line, seen) in
            if case .progress(let progress) = line {
                watch.note(progress)
                onProgress(FrameProgress(progress))
            }
            guard case .note(let note) = line else { return true }
            switch note {
            case .samples, .sliced, .unsliceable:
                let measure = watch.endFrame().on(seen.device)
                watch.pause()
                session.report(
                    .step(BlenderStep(note: note, measure: measure, isCropped: seen.isCropped)))
            case .opened, .cropped, .device, .refused, .renderError, .rendered, .assembly: break
            }
            return true
        }
    }
}
