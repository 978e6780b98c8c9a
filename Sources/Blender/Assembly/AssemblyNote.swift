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
