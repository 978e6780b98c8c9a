/// What Blender's output told, for the message of a failure.
struct BlenderTranscript: Hashable, Sendable {
    /// Lines kept for messages, and how much of each: a failure is stored with its task.
    static let linesMax = 20
    static let lineLengthMax = 240

    private(set) var progress: BlenderProgress?
    /// Blender's version, once it has opened the scene.
    private(set) var opened: String?
    private(set) var isCropped = false
    /// What Cycles renders on.
    private(set) var device: String?
    private(set) var refusal: String?
    private(set) var renderError: String?
    /// The last lines that say something, progress aside.
    private(set) var lastLines: [String] = []

    /// What holds for as long as Blender has the scene open. It is said once, whoever reads on.
    var ofScene: BlenderTranscript {
        var rest = BlenderTranscript()
        (rest.opened, rest.isCropped) = (opened, isCropped)
        return rest
    }

    mutating func take(_ line: OutputLine) {
        switch line {
        case .progress(let progress): self.progress = progress
        case .note(.opened(let version)): opened = version
        case .note(.cropped): isCropped = true
        case .note(.device(let text)): device = String(text.prefix(Self.lineLengthMax))
        case .note(.refused(let text)): refusal = refusal ?? text
        case .note(.renderError(let text)): renderError = renderError ?? text
        case .note(.rendered), .note(.samples), .note(.sliced), .note(.unsliceable),
            .note(.assembly):
            break
        case .saved(let path): keep("Saved: '\(path)'")
        case .text(let text): keep(text)
        case .blank: break
        }
    }

    private mutating func keep(_ line: String) {
        lastLines.append(String(line.prefix(Self.lineLengthMax)))
        if lastLines.count > Self.linesMax { lastLines.removeFirst() }
    }
}
