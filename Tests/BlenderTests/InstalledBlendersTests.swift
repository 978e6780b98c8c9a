import Farm
import Foundation
import Testing

@testable import Blender

@Suite struct `A machine with several Blenders` {
    /// Programs that report these versions, each in a folder with that name.
    private func install(_ versions: [String], in directory: String) throws {
        for version in versions {
            let folder = "\(directory)/\(version)"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let script = "#!/bin/sh\necho Blender \(version)\n"
            #expect(
                FileManager.default.createFile(
                    atPath: folder + "/blender", contents: Data(script.utf8),
                    attributes: [.posixPermissions: 0o755]))
        }
    }

    private func settings(savedBy version: String) throws -> RenderSettings {
        RenderSettings(
            scene: "Scene", frames: try FrameRange(first: 1, last: 1), engine: .cycles,
            resolution: Resolution(width: 64, height: 36), format: .png,
            savedBy: BlenderVersion(version))
    }

    @Test func `uses the Blender that fits the file`() async throws {
        try await withDirectory { directory in
            try install(["3.6.2", "4.5.1"], in: directory)
            try FileManager.default.createDirectory(
                atPath: directory + "/downloads", withIntermediateDirectories: true)
            let found = try await InstalledBlenders(
                list: nil, folder: directory, searchPath: "/nowhere")
            #expect(found.versions.map(\.description) == ["3.6.2", "4.5.1"])
            #expect(try found.blender(for: settings(savedBy: "3.4"))?.description == "3.6.2")
            #expect(try found.blender(for: settings(savedBy: "4.0"))?.description == "4.5.1")
            #expect(throws: RenderFailure.self) {
                try found.blender(for: settings(savedBy: "5.0"))
            }
            let listed = try await InstalledBlenders(
                list: "\(directory)/4.5.1/blender:\(directory)/3.6.2/blender", folder: "/nowhere",
                searchPath: "/nowhere")
            #expect(listed.versions == found.versions)
        }
    }

    @Test func `reports at its start that it has none`() async {
        await #expect(throws: RenderFailure.self) {
            try await InstalledBlenders(list: nil, folder: "/nowhere", searchPath: "/nowhere")
        }
    }
}
