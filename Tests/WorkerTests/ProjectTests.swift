import Archive
import Farm
import FarmTesting
import Foundation
import Testing

@testable import Worker

@Suite struct `A project on a worker` {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "project-tests-\(UUID())")
    private let scenes = InMemorySceneStore()

    private func upload(_ files: [String: String]) async throws -> SceneObject {
        let source = folder.appending(path: "source")
        try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
        var places: [(name: String, path: String)] = []
        for (index, file) in files.sorted(by: { $0.key < $1.key }).enumerated() {
            let place = source.appending(path: "\(index)")
            try Data(file.value.utf8).write(to: place)
            places.append((file.key, place.path()))
        }
        let archive = source.appending(path: "a.zip")
        try await ArchiveWriter.zip(places, to: archive.path())
        let bytes = Array(try Data(contentsOf: archive))
        return await scenes.upload(bytes, key: "project.zip")
    }

    private var cache: SceneCache {
        SceneCache(scenes: scenes, directory: folder.path(), scenesMax: 2)
    }

    private func kept() throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: folder.appending(path: "scenes").path())
    }

    @Test func `is fetched and unpacked once`() async throws {
        let project = try await upload(["a/scene.blend": "BLENDER", "a/wood.png": "PNG"])
        let path = try await cache.path(of: project, file: "a/scene.blend")
        #expect(FileManager.default.contents(atPath: path) == Data("BLENDER".utf8))
        let texture = URL(filePath: path).deletingLastPathComponent().appending(path: "wood.png")
        #expect(try Data(contentsOf: texture) == Data("PNG".utf8))
        #expect(try kept().count == 1, "neither the archive nor a half unpacked folder stays")
        await scenes.remove(project)
        #expect(try await cache.path(of: project, file: "a/scene.blend") == path)
        for _ in 0..<3 {
            _ = try await cache.path(of: try await upload(["b.blend": "B"]), file: "b.blend")
        }
        #expect(try kept().count == 2)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `that leads out of its folder fails as a scene error and leaves no files`()
        async throws
    {
        let project = try await upload(["a.blend": "BLENDER", "../../out.txt": "x"])
        let error = await #expect(throws: RenderError.self) {
            try await cache.path(of: project, file: "a.blend")
        }
        guard case .failed(let failure) = try #require(error) else {
            Issue.record("It was \(String(describing: error)).")
            return
        }
        #expect(failure.kind == .scene && failure.message.contains("../../out.txt"))
        #expect(try kept().isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted() == [
                "scenes", "source",
            ])
        try FileManager.default.removeItem(at: folder)
    }
}
