import ArgumentParser
import BlendFile
import Foundation
import Inspection
import Presentation

/// `spotrender inspect`
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what a .blend file renders and which of its files are missing.",
        discussion: """
            Reads the file and the .blend files that it links. Does not need Blender.

              spotrender inspect scene.blend
              spotrender inspect project.zip --file scene.blend
              spotrender inspect scene.blend --json | jq '.files[] | select(.isMissing)'
            """)

    @Argument(help: "The .blend file, or a project's folder, .zip or .tar.gz.")
    var path: String

    @Option(help: "The .blend file, if a folder or archive has several.")
    var file: String?

    @OptionGroup var output: JSONOption

    func run() async throws {
        let scene = try LocalScene(path)
        let inspection = InspectionDocument(
            try await scene.inspect(file: file), byteCount: try scene.byteCount)
        output.json ? try showJSON(inspection) : inspection.lines.forEach(show)
    }
}

extension InspectionDocument {
    init(_ inspection: SceneInspection, byteCount: Int64?) {
        let summary = inspection.summary
        self.init(
            file: inspection.file, blender: summary.version.description,
            compression: summary.compression.rawValue, bytes: byteCount,
            scenes: summary.scenes.enumerated().map { index, scene in
                let step = scene.frameStep == 1 ? "" : ":\(scene.frameStep)"
                return Scene(
                    name: scene.name, isActive: index == summary.activeSceneIndex,
                    frames: "\(scene.frameStart)-\(scene.frameEnd)\(step)",
                    engine: scene.engine, width: scene.width, height: scene.height,
                    format: scene.output.identifier ?? "a movie", hasCamera: scene.hasCamera)
            },
            files: inspection.needs?.map { need in
                File(
                    kind: need.reference.kind.rawValue, path: need.reference.path,
                    owner: need.reference.owner, blend: need.blend,
                    isPacked: need.reference.isPacked, isMissing: need.isMissing)
            })
    }
}
