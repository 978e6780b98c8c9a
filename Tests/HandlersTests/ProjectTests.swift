import Presentation
import Inspection
import Archive
import BlendFile
import Farm
import FarmTesting
import Foundation
import Handlers
import Testing

/// A project's archive as a user packs it.
enum Project {
    /// What `references-3.4.blend` needs, but for a film at an absolute path; a chair's library
    /// that has no scene of its own among it.
    static let assets = [
        "textures/wood.png", "textures/shot_0001.png", "textures/shot_0002.png",
        "textures/tile.1001.png", "textures/strip_1.png", "letters.ttf", "smoke.vdb",
        "fire_0001.vdb", "moves.mdd", "cloth/cloth.bphys", "lamp.ies", "rust.osl",
    ]

    static func zip(_ files: [String: [UInt8]]) async throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "project-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        var places: [(name: String, path: String)] = []
        for (index, file) in files.sorted(by: { $0.key < $1.key }).enumerated() {
            let place = folder.appending(path: "\(index)")
            try Data(file.value).write(to: place)
            places.append((file.key, place.path()))
        }
        let archive = folder.appending(path: "a.zip")
        try await ArchiveWriter.zip(places, to: archive.path())
        return Array(try Data(contentsOf: archive))
    }

    /// The scene that refers to files of every kind, in a folder of the archive's, with its files.
    static func referring(without missing: Set<String> = []) async throws -> [UInt8] {
        var files: [String: [UInt8]] = [:]
        for asset in assets where !missing.contains(asset) { files["shot/" + asset] = [1] }
        files["shot/scene.blend"] = try Fixture.referringScene()
        // Links itself: a cycle.
        files["shot/library.blend"] = try Fixture.referringScene()
        return try await zip(files)
    }
}

@Suite struct `An uploaded project` {
    private func split(
        _ bytes: [UInt8], key: String = "project.zip", metadata: [String: String] = [:]
    ) async throws -> Job {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(bytes, key: key, metadata: metadata)
        let outcome = try #require(try await testFarm.splitter.handle(S3Event(key: key)).first)
        switch outcome {
        case .split(let id, _), .refused(let id, _):
            let job = try #require(try await testFarm.farm.job(id))
            if case .failed = job.state { #expect(await testFarm.queue.messages.isEmpty) }
            return job
        case .ignored, .known:
            throw PortError(.malformed, "split \(key)", "\(outcome)")
        }
    }

    private func reason(
        _ bytes: [UInt8], key: String = "project.zip", metadata: [String: String] = [:]
    ) async throws -> String {
        let job = try await split(bytes, key: key, metadata: metadata)
        guard case .failed(let failure) = job.state else { return "\(job.state)" }
        return failure.words
    }

    @Test func `is a job with the one .blend that it has`() async throws {
        let bytes = try await Project.zip([
            "film/scene.blend": try Fixture.startScene(), "film/notes.txt": [],
        ])
        let job = try await split(bytes)
        #expect(job.state == .trying && job.settings?.file == "film/scene.blend")
        #expect(job.settings?.missing == nil)
    }

    @Test func `with several .blends says which there are, and takes the one that is named`()
        async throws
    {
        let bytes = try await Project.zip([
            "a.blend": try Fixture.startScene(), "sets/b.blend": try Fixture.startScene(),
        ])
        let reason = try await reason(bytes)
        #expect(reason.contains("a.blend, sets/b.blend") && reason.contains("file="))
        let named = try await split(bytes, metadata: ["file": "b.blend"])
        #expect(named.settings?.file == "sets/b.blend")
        #expect(try await self.reason(bytes, metadata: ["file": "c.blend"]).contains("“c.blend”"))
    }

    @Test func `names every file that it lacks, also of .blends that it links`() async throws {
        let bytes = try await Project.referring(
            without: ["textures/wood.png", "textures/tile.1001.png"])
        let reason = try await reason(bytes, metadata: ["file": "scene.blend"])
        #expect(reason.contains("6 files"))
        for path in ["//textures/wood.png", "//textures/tile.<UDIM>.png", "/films/film.mp4"] {
            #expect(reason.contains(path + ","))
            #expect(reason.contains(path + " (of shot/library.blend)"))
        }
        #expect(!reason.contains("shot_0001") && !reason.contains("cloth"))
    }

    @Test func `is rendered without them when its uploader says so, and is marked`() async throws {
        let job = try await split(
            try await Project.referring(),
            metadata: ["file": "scene.blend", "allow-missing": "true", "frames": "1-3"])
        #expect(job.state == .queued && job.taskCount == 3)
        #expect(
            job.settings?.missing?.shown
                == ["/films/film.mp4", "/films/film.mp4 (of shot/library.blend)"])
    }

    @Test func `that is no archive, has no .blend or leads outside is a failed job`() async throws {
        #expect(try await reason(Array("PK is no archive".utf8)).contains("can't be read"))
        #expect(try await reason([], key: "a.tar.gz").contains("can't be read"))
        #expect(try await reason(try await Project.zip(["a.txt": []])).contains("no .blend"))
        let outside = try await Project.zip(["../scene.blend": try Fixture.startScene()])
        #expect(try await reason(outside).contains("../scene.blend"))
        let damaged = try await Project.zip(["scene.blend": Array("BLENDER-v304".utf8)])
        #expect(try await reason(damaged).hasPrefix("scene.blend: "))
    }
}

@Suite struct `A file in a project` {
    private func paths(
        _ kind: FileReference.Kind, _ path: String, of blend: String = "a/scene.blend",
        among files: [String]
    ) throws -> [String] {
        var listing = ProjectListing(archiveByteCount: 1000)
        for file in files { _ = try listing.add(ProjectEntry(path: file, kind: .file)) }
        return listing.paths(of: FileReference(kind: kind, path: path), in: blend)
    }

    @Test func `is looked for from its .blend's folder on`() throws {
        let files = ["a/t/x.png", "t/x.png", "x.png"]
        #expect(try paths(.image, "//t/x.png", among: files) == ["a/t/x.png"])
        #expect(try paths(.image, "//t\\x.png", among: files) == ["a/t/x.png"])
        #expect(try paths(.image, "//../t/./x.png", among: files) == ["t/x.png"])
        #expect(try paths(.image, "//../../x.png", among: files) == [])
        #expect(try paths(.image, "/x.png", among: files) == [])
        #expect(try paths(.image, "C:\\x.png", among: files) == [])
        #expect(try paths(.image, "//T/x.png", among: files) == [])
    }

    @Test func `is not another whose name only looks the same`() throws {
        #expect(try paths(.image, "//e\u{301}.png", among: ["a/\u{E9}.png"]) == [])
        #expect(try paths(.image, "//\u{E9}.png", among: ["a/\u{E9}.png"]) == ["a/\u{E9}.png"])
    }

    @Test func `stands for all of its sequence, tiles or folder`() throws {
        let files = [
            "a/s2_001.png", "a/s2_002.png", "a/s3_001.png", "a/s2_x.png", "a/t.1001.png",
            "a/u.u1_v2.png", "a/blendcache_scene/1.bphys",
        ]
        #expect(
            try paths(.imageSequence, "//s2_009.png", among: files)
                == ["a/s2_001.png", "a/s2_002.png"])
        #expect(try paths(.imageTiles, "//t.<UDIM>.png", among: files) == ["a/t.1001.png"])
        #expect(try paths(.imageTiles, "//u.<UVTILE>.png", among: files) == ["a/u.u1_v2.png"])
        #expect(
            try paths(.pointCache, "//blendcache_*", among: files) == ["a/blendcache_scene"])
    }
}
