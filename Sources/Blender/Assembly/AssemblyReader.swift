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

/// A message of `Programs/assemble.py`.
package enum AssemblyNote: Hashable, Sendable {
    case ready
    case shrunk(frame: Int, isBlank: Bool)
    case madeSheet
    case madeVideo
    /// Something can't be made. The text says what, and why.
    case omitted(String)
    case assembled

    /// Whether Blender waits for a line after this message.
    var isAnswered: Bool {
        switch self {
        case .ready, .shrunk: true
        case .madeSheet, .madeVideo, .omitted, .assembled: false
        }
    }

    init?(_ word: Substring, _ rest: String) {
        switch (word, rest) {
        case ("ready", ""): self = .ready
        case ("made", "sheet"): self = .madeSheet
        case ("made", "video"): self = .madeVideo
        case ("omitted", _): self = .omitted(rest)
        case ("assembled", ""): self = .assembled
        case ("shrunk", _):
            let words = rest.split(separator: " ")
            guard words.count == 2, let frame = Int(words[0]),
                OutputBounds.frames.contains(frame),
                ["blank", "shown"].contains(words[1])
            else { return nil }
            self = .shrunk(frame: frame, isBlank: words[1] == "blank")
        default: return nil
        }
    }
}
