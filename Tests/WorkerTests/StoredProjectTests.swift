import Farm
import FarmTesting
import Foundation
import Testing

@testable import Worker

@Suite struct `A stored project on a worker` {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "stored-project-\(UUID())")
    private let faults = Faults()
    private let scenes: InMemorySceneStore

    init() {
        scenes = InMemorySceneStore(faults: faults)
    }

    /// Hashes from `sha256sum`.
    private enum Content: String, CaseIterable {
        case scene = "BLENDER"
        case wood = "PNG"
        case other = "other"
        case nothing = ""

        var file: StoredFile {
            get throws {
                let hash =
                    switch self {
                    case .scene: "bebad1fc32a15a67cace8405265fb1bfea76c2cf903efe05dcce3b0cf1a35591"
                    case .wood: "796120837694d3f3f29259cfeb25091698c2a0aa87873658d840b4993ee889b3"
                    case .other: "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
                    case .nothing:
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                    }
                return try #require(
                    StoredFile(sha256: hash, byteCount: Int64(rawValue.utf8.count)))
            }
        }
    }

    private func store(_ contents: Content...) async throws {
        for content in contents {
            await scenes.upload(Array(content.rawValue.utf8), key: try content.file.key)
        }
    }

    private func upload(_ files: [(String, Content)]) async throws -> SceneObject {
        let project = try StoredProject(
            scene: "a/scene.blend",
            files: [("a/scene.blend", try Content.scene.file)] + files.map { ($0, try $1.file) })
        return await scenes.upload(project.json, key: "film.project")
    }

    private func cache(scenesMax: Int = 2) -> SceneCache {
        SceneCache(scenes: scenes, directory: folder.path(), scenesMax: scenesMax)
    }

    private func text(_ name: String, beside scene: String) throws -> String {
        let root = URL(filePath: scene).deletingLastPathComponent().deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: name)), as: UTF8.self)
    }

    private func kept(_ name: String) throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path())
        )
    }

    private func failure(_ project: SceneObject) async throws -> RenderFailure {
        let stop = await #expect(throws: RenderError.self) {
            try await cache().path(of: project, file: "a/scene.blend")
        }
        guard case .failed(let failure) = stop else {
            throw PortError(.malformed, "fail", "it was \(String(describing: stop))")
        }
        #expect(try kept("scenes").allSatisfy { $0.hasSuffix(".unpacking") })
        return failure
    }

    @Test func `is assembled from its files, each fetched once`() async throws {
        try await store(.scene, .wood, .nothing)
        let project = try await upload([
            ("a/wood.png", .wood), ("b/wood.png", .wood), ("c", .nothing),
        ])
        let path = try await cache().path(of: project, file: "a/scene.blend")
        #expect(try text("a/scene.blend", beside: path) == "BLENDER")
        #expect(try text("a/wood.png", beside: path) == "PNG")
        #expect(try text("b/wood.png", beside: path) == "PNG")
        #expect(try text("c", beside: path) == "")
        #expect(faults.callCount(of: .downloadScene) == 4, "the listing and three contents")
        #expect(try await cache().path(of: project, file: "a/scene.blend") == path)
        #expect(faults.callCount(of: .downloadScene) == 4)
        #expect(try kept("scenes").count == 1, "neither the listing nor a half made folder stays")
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `shares files with another project and fetches only the rest`() async throws {
        try await store(.scene, .wood, .other)
        let first = try await upload([("wood.png", .wood)])
        _ = try await cache().path(of: first, file: "a/scene.blend")
        let before = faults.callCount(of: .downloadScene)
        let second = try await upload([("wood.png", .other)])
        let path = try await cache().path(of: second, file: "a/scene.blend")
        #expect(try text("wood.png", beside: path) == "other")
        #expect(faults.callCount(of: .downloadScene) == before + 2, "the listing and one content")
        #expect(try kept("files").count == 3)
        // A file is removed with the last project that uses it.
        let third = try await upload([])
        for project in [second, third] {
            _ = try await cache(scenesMax: 1).path(of: project, file: "a/scene.blend")
        }
        _ = try await cache(scenesMax: 1).path(of: third, file: "a/scene.blend")
        #expect(try kept("files") == [Content.scene.file.sha256])
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `never gets a file that a scene has written to`() async throws {
        try await store(.scene, .wood)
        let first = try await upload([("wood.png", .wood)])
        let path = try await cache().path(of: first, file: "a/scene.blend")
        // A scene that writes to its own files also changes the cache: both are the same file.
        let wood = URL(filePath: path).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "wood.png")
        let handle = try FileHandle(forWritingTo: wood)
        try handle.write(contentsOf: Data("BAD".utf8))
        try handle.close()
        let second = try await upload([("t/wood.png", .wood)])
        let other = try await cache().path(of: second, file: "a/scene.blend")
        #expect(try text("t/wood.png", beside: other) == "PNG")
        #expect(try text("wood.png", beside: path) == "BAD", "it has what it wrote")
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `fails with wrong bytes in the bucket, and renders once they are right`()
        async throws
    {
        try await store(.scene)
        await scenes.upload(Array("GNP".utf8), key: try Content.wood.file.key)
        let project = try await upload([("wood.png", .wood)])
        let failure = try await failure(project)
        #expect(failure.kind == .scene && failure.message.contains("“wood.png”"))
        #expect(failure.message.contains(try Content.wood.file.key))
        #expect(try kept("files") == [Content.scene.file.sha256])
        try await store(.wood)
        let path = try await cache().path(of: project, file: "a/scene.blend")
        #expect(try text("wood.png", beside: path) == "PNG")
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `that lacks a file, or leads outside, fails with a reason`() async throws {
        try await store(.scene)
        let lacking = try await failure(try await upload([("wood.png", .wood)]))
        #expect(lacking.kind == .scene && lacking.message.contains("wood.png"))
        let hash = try Content.scene.file.sha256
        let json =
            #"{"version":1,"scene":"a/scene.blend","files":["#
            + #"{"path":"a/scene.blend","sha256":"\#(hash)","size":7},"#
            + #"{"path":"../../out","sha256":"\#(hash)","size":7}]}"#
        let outside = await scenes.upload(Array(json.utf8), key: "film.project")
        #expect(try await failure(outside).message.contains("../../out"))
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `continues after the bucket was unreachable`() async throws {
        try await store(.scene, .wood)
        let project = try await upload([("wood.png", .wood)])
        faults.fail(.downloadScene, onCall: 3)
        let stop = await #expect(throws: RenderError.self) {
            try await cache().path(of: project, file: "a/scene.blend")
        }
        guard case .storing = stop else {
            Issue.record("It was \(String(describing: stop)).")
            return
        }
        let path = try await cache().path(of: project, file: "a/scene.blend")
        #expect(try text("wood.png", beside: path) == "PNG")
        #expect(
            faults.callCount(of: .downloadScene) == 5, "the listing twice, what came stayed")
        try FileManager.default.removeItem(at: folder)
    }
}
