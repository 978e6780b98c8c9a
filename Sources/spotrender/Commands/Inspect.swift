import ArgumentParser
import BlendFile
import Foundation
import Inspection

/// What a .blend will render and what it needs, without Blender.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells what a .blend will render, and which of its files are missing.",
        discussion: """
            Reads the file itself, and the .blends that it links; Blender is not needed.

              spotrender inspect scene.blend
              spotrender inspect project.zip --file scene.blend
              spotrender inspect scene.blend --json | jq '.files[] | select(.isMissing)'
            """)

    @Argument(help: "The .blend, or a project's folder, .zip or .tar.gz.")
    var path: String

    @Option(help: "The .blend, in a folder or archive with several.")
    var file: String?

    @OptionGroup var output: JSONOption

    func run() async throws {
        let scene = try LocalScene(path)
        let inspection = Inspection(
            try await scene.inspect(file: file), byteCount: try scene.byteCount)
        output.json ? try sayJSON(inspection) : inspection.lines.forEach(say)
    }
}

/// A file's summary with what of its references is there, on this machine.
struct Inspection: Encodable {
    struct Scene: Encodable {
        let name: String
        let isActive: Bool
        let frames: String
        let engine: String
        let width: Int
        let height: Int
        let format: String
        let hasCamera: Bool
    }

    struct File: Encodable {
        let kind: String
        let path: String
        let owner: String?
        /// The .blend that refers to it.
        let blend: String
        let isPacked: Bool
        let isMissing: Bool
    }

    /// The .blend, in its folder or archive.
    let file: String
    let version: String
    let compression: String
    /// Of the .blend or the archive; `nil` for a folder.
    let byteCount: Int64?
    let scenes: [Scene]
    /// `nil` when a file is too large to look through.
    let files: [File]?

    init(_ inspection: SceneInspection, byteCount: Int64?) {
        let summary = inspection.summary
        file = inspection.file
        version = summary.version.description
        compression = summary.compression.rawValue
        self.byteCount = byteCount
        scenes = summary.scenes.enumerated().map { index, scene in
            let step = scene.frameStep == 1 ? "" : ":\(scene.frameStep)"
            return Scene(
                name: scene.name, isActive: index == summary.activeSceneIndex,
                frames: "\(scene.frameStart)-\(scene.frameEnd)\(step)", engine: scene.engine,
                width: scene.width, height: scene.height,
                format: scene.output.identifier ?? "a movie", hasCamera: scene.hasCamera)
        }
        files = inspection.needs?.map { need in
            File(
                kind: need.reference.kind.rawValue, path: need.reference.path,
                owner: need.reference.owner, blend: need.blend,
                isPacked: need.reference.isPacked, isMissing: need.isMissing)
        }
    }

    var lines: [String] {
        var lines = [
            "\(file): Blender \(version)"
                + (byteCount.map { ", \($0.formatted(.byteCount(style: .file)))" } ?? "")
                + (compression == "none" ? "" : ", compressed (\(compression))")
        ]
        for scene in scenes {
            lines.append("scene “\(scene.name)”\(scene.isActive ? ", active" : "")")
            lines.append("  frames   \(scene.frames)")
            lines.append("  engine   \(scene.engine)")
            lines.append("  picture  \(scene.width) × \(scene.height), \(scene.format)")
            if !scene.hasCamera { lines.append("  camera   none of its own") }
        }
        guard let files else {
            return lines + ["The file is too large to look through for the files it needs."]
        }
        let packed = files.count { $0.isPacked }
        let missing = files.filter(\.isMissing)
        lines.append(
            "files    \(files.count) referred to, \(packed) packed, \(missing.count) missing")
        for file in files where !file.isPacked {
            let owner = [file.owner, file.blend == self.file ? nil : "in \(file.blend)"]
                .compactMap { $0 }.joined(separator: ", ")
            let state = file.isMissing ? "missing" : "there  "
            lines.append(
                "  \(state)  \(file.kind)  \(file.path)"
                    + (owner.isEmpty ? "" : " (\(owner))"))
        }
        return lines
    }
}
