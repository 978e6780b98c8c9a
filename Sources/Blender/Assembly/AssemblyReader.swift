import Farm

/// Hears of each step of an assembly. Blender then waits for an answer, which does not count as its
/// time.
struct AssemblyReader: OutputReader {
    typealias Event = AssemblyNote

    let watch: FrameWatch

    func read(
        _ lines: inout OutputLines, into log: String, _ events: AsyncStream<Event>.Continuation
    ) async throws -> BlenderTranscript {
        try await lines.forEach(into: log) { (line, seen) in
            guard case .note(.assembly(let note)) = line else { return true }
            _ = watch.endFrame()
            if note.isAnswered { watch.pause() }
            events.yield(note)
            return true
        }
    }
}

/// What `RenderProgram.assembly` says.
package enum AssemblyNote: Hashable, Sendable {
    case ready
    case shrunk(frame: Int, isBlank: Bool)
    case madeSheet
    case madeVideo
    /// What there will not be, and why.
    case omitted(String)
    case assembled

    /// Whether Blender waits for a line after it.
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
                ["blank", "shown"].contains(words[1])
            else { return nil }
            self = .shrunk(frame: frame, isBlank: words[1] == "blank")
        default: return nil
        }
    }
}
