import Farm

/// Makes an event of each step of an assembly. After some steps Blender waits for the next line.
/// That time does not count.
struct AssemblyReader: OutputReader {
    func read(
        _ lines: inout OutputLines, for session: BlenderSession
    ) async throws -> BlenderTranscript {
        try await lines.forEach(into: session.command.request.log) { (line, seen) in
            guard case .note(.assembly(let note)) = line else { return true }
            let measure = session.watch.endFrame()
            if note.isAnswered { session.watch.pause() }
            session.report(
                .step(
                    BlenderStep(
                        note: .assembly(note), measure: measure, isCropped: seen.isCropped)))
            return true
        }
    }
}
