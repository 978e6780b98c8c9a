import Farm
import Glibc

/// What a Blender was started for. It can serve every request with an equal opening.
struct BlenderOpening: Hashable, Sendable {
    let program: BlenderProgram
    let script: RenderProgram
    /// The scene and all its settings, without the frames.
    let arguments: [String]
    /// `nil` where there is no file. Blender reports that.
    let file: FileIdentity?

    /// Reads the file's identity.
    init(_ program: BlenderProgram, _ script: RenderProgram, _ request: RenderRequest) {
        self.program = program
        self.script = script
        // Python may not set negative frames. Flags set them when Blender starts.
        let isFixed = request.frames.first < 0
        arguments = script.arguments(for: request).filter { isFixed || !$0.hasPrefix("frames=") }
        file = FileIdentity(path: request.scene)
    }
}

/// Changes when another file takes this file's place, and when the file is written to.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let number: UInt64
    let byteCount: Int64
    /// Time of the last change, since 1970.
    let changed: Duration

    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        changed =
            .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
    }
}
