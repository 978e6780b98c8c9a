import ArgumentParser
import BlendFile
import Foundation

/// What a .blend will render and what it needs, without Blender.
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells what a .blend will render, and which of its files are missing.",
        discussion: """
            Reads the file itself; Blender is not needed.

              spotrender inspect scene.blend
              spotrender inspect scene.blend --json | jq '.files[] | select(.isMissing)'
            """)

    @Argument(help: "The .blend.")
    var file: String

    @Flag(help: "For programs.")
    var json = false

    func run() async throws {
        let source = try LocalFile(path: file)
        let inspection = Inspection(
            try await BlendReader.summary(of: source), of: URL(filePath: absolute(file)),
            byteCount: source.byteCount)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            say(String(decoding: try encoder.encode(inspection), as: UTF8.self))
        } else {
            inspection.lines.forEach(say)
        }
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
        let isPacked: Bool
        let isMissing: Bool
    }

    let version: String
    let compression: String
    let byteCount: Int64
    let scenes: [Scene]
    /// `nil` when the file is too large to look through.
    let files: [File]?

    init(_ summary: BlendSummary, of url: URL, byteCount: Int64) {
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
        let presence = FilePresence(scene: url)
        files = summary.references?.map { reference in
            File(
                kind: reference.kind.rawValue, path: reference.path, owner: reference.owner,
                isPacked: reference.isPacked,
                isMissing: !reference.isPacked && !presence.isThere(reference))
        }
    }

    var lines: [String] {
        var lines = [
            "Blender \(version), \(byteCount.formatted(.byteCount(style: .file)))"
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
            let owner = file.owner.map { " (\($0))" } ?? ""
            let state = file.isMissing ? "missing" : "there  "
            lines.append("  \(state)  \(file.kind)  \(file.path)\(owner)")
        }
        return lines
    }
}
