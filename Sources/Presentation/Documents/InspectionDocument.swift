/// What a .blend will render and what it needs.
package struct InspectionDocument: Document, Hashable {
    package struct Scene: Encodable, Hashable, Sendable {
        let name: String
        let isActive: Bool
        /// As a range, `1-240:2`.
        let frames: String
        let engine: String
        let width: Int
        let height: Int
        let format: String
        let hasCamera: Bool

        package init(
            name: String, isActive: Bool, frames: String, engine: String, width: Int,
            height: Int, format: String, hasCamera: Bool
        ) {
            self.name = name
            self.isActive = isActive
            self.frames = frames
            self.engine = engine
            self.width = width
            self.height = height
            self.format = format
            self.hasCamera = hasCamera
        }
    }

    package struct File: Encodable, Hashable, Sendable {
        let kind: String
        let path: String
        let owner: String?
        /// The .blend that refers to the file.
        let blend: String
        let isPacked: Bool
        let isMissing: Bool

        package init(
            kind: String, path: String, owner: String?, blend: String, isPacked: Bool,
            isMissing: Bool
        ) {
            self.kind = kind
            self.path = path
            self.owner = owner
            self.blend = blend
            self.isPacked = isPacked
            self.isMissing = isMissing
        }
    }

    /// The .blend, in its folder or archive.
    let file: String
    /// The Blender that saved the file.
    let blender: String
    let compression: String
    /// The size of the .blend or the archive; absent for a folder.
    let bytes: Int64?
    let scenes: [Scene]
    /// Absent for a .blend that is too large to search.
    let files: [File]?

    package init(
        file: String, blender: String, compression: String, bytes: Int64?, scenes: [Scene],
        files: [File]?
    ) {
        self.file = file
        self.blender = blender
        self.compression = compression
        self.bytes = bytes
        self.scenes = scenes
        self.files = files
    }

    package var lines: [String] {
        var lines = [
            "\(file): Blender \(blender)" + (bytes.map { ", \(Format.bytes($0))" } ?? "")
                + (compression == "none" ? "" : ", compressed (\(compression))")
        ]
        for scene in scenes {
            lines.append("scene “\(scene.name)”\(scene.isActive ? ", active" : "")")
            lines.append("  frames   \(scene.frames)")
            lines.append("  engine   \(scene.engine)")
            lines.append("  picture  \(scene.width) × \(scene.height), \(scene.format)")
            if !scene.hasCamera { lines.append("  camera   none in the scene") }
        }
        guard let files else {
            return lines + ["The .blend is too large to be searched for the files it needs."]
        }
        let packed = files.count { $0.isPacked }
        let missing = files.count { $0.isMissing }
        lines.append(
            "files    \(files.count) referred to, \(packed) packed, \(missing) missing")
        return lines + files.filter { !$0.isPacked }.map(line)
    }

    private func line(_ file: File) -> String {
        let owner = [file.owner, file.blend == self.file ? nil : "in \(file.blend)"]
            .compactMap(\.self).joined(separator: ", ")
        let state = file.isMissing ? "missing" : "there  "
        return "  \(state)  \(file.kind)  \(file.path)" + (owner.isEmpty ? "" : " (\(owner))")
    }
}
