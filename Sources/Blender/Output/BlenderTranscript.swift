/// Facts from Blender's output, for the message of a failure.
struct BlenderTranscript: Hashable, Sendable {
    /// Lines that messages quote, and characters of each. A failure is stored with its task.
    static let linesMax = 20
    static let lineLengthMax = 240

    private(set) var progress: BlenderProgress?
    /// Blender's version, once it has opened the scene.
    private(set) var opened: String?
    private(set) var isCropped = false
    /// The device that Cycles renders on.
    private(set) var device: String?
    private(set) var refusal: String?
    private(set) var renderError: String?
    /// The last lines, without progress lines and blank lines.
    private(set) var lastLines: [String] = []

    /// Facts that hold while Blender has the scene open. Blender prints them once, and later
    /// sessions need them too.
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
