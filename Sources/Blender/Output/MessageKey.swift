import FoundationEssentials

/// Tells messages of our own program apart from all other lines of Blender's output.
///
/// A scene can make Blender print any line: the path of a library may contain line breaks. It can't
/// know this key. The worker makes one for each process and gives it to our program as an argument.
/// Blender opens scenes without running their scripts, so nothing in a scene can read it.
///
/// Messages share the pipe with Blender's own lines since their order matters: Blender reports each
/// frame as saved before our program says `rendered`.
struct MessageKey: Hashable, Sendable {
    let text: String

    /// 122 random bits.
    init() { text = UUID().uuidString }

    init(_ text: String) { self.text = text }

    var argument: String { "key=\(text)" }
    /// The start of each message: see `Programs/protocol.py`.
    var mark: String { "SPOTRENDER \(text) " }
}
