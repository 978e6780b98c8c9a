import Presentation
import BlendFile
import Farm
import FarmTesting
import Handlers
import Testing

/// What the splitter makes of a listing, with the files under their keys in a bucket in memory.
/// Their hashes are only names here: who fetches a file holds it to its own.
@Suite struct `A project stored by content` {
    private let testFarm = TestFarm()

    private func name(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    /// Stores the files but those that are left out, then the listing of all.
    private func split(
        _ files: [(path: String, bytes: [UInt8])], scene: String,
        without missing: Set<String> = [], metadata: [String: String] = [:]
    ) async throws -> Job {
        var listed: [(path: String, file: StoredFile)] = []
        for (index, file) in files.enumerated() {
            let stored = try #require(
                StoredFile(sha256: name(index), byteCount: Int64(file.bytes.count)))
            if !missing.contains(file.path) {
                await testFarm.scenes.upload(file.bytes, key: stored.key)
            }
            listed.append((file.path, stored))
        }
        let project = try StoredProject(scene: scene, files: listed)
        return try await split(project.json, metadata: metadata)
    }

    private func split(_ json: [UInt8], metadata: [String: String] = [:]) async throws -> Job {
        await testFarm.scenes.upload(json, key: "film.project", metadata: metadata)
        let outcome = try await testFarm.splitter.handle(S3Event(key: "film.project")).first
        switch try #require(outcome) {
        case .split(let id, _), .refused(let id, _):
            return try #require(try await testFarm.farm.job(id))
        case .ignored, .known:
            throw PortError(.malformed, "split", "\(String(describing: outcome))")
        }
    }

    private func reason(_ job: Job) async -> String {
        #expect(await testFarm.queue.messages.isEmpty)
        guard case .failed(let failure) = job.state else { return "\(job.state)" }
        return failure.words
    }

    @Test func `is a job with the scene that its listing names`() async throws {
        let start = try Fixture.startScene()
        let job = try await split(
            [("a.blend", start), ("sets/b.blend", start), ("notes.txt", [])],
            scene: "sets/b.blend")
        #expect(job.state == .trying && job.settings?.file == "sets/b.blend")
        #expect(job.source.key == "film.project" && job.id.rawValue.hasPrefix("film-"))
        let named = try await split(
            [("a.blend", start), ("sets/b.blend", start)], scene: "sets/b.blend",
            metadata: ["file": "a.blend"])
        #expect(named.settings?.file == "a.blend")
    }

    @Test func `names every file that the bucket lacks`() async throws {
        let start = try Fixture.startScene()
        let job = try await split(
            [("a.blend", start), ("t/x.png", [1]), ("t/y.png", [2]), ("t/z.png", [3])],
            scene: "a.blend", without: ["t/x.png", "t/z.png"])
        let reason = await reason(job)
        #expect(reason.contains("2 files") && reason.contains("t/x.png, t/z.png"), "\(reason)")
        #expect(!reason.contains("t/y.png") && reason.contains("Submit the folder again"))
    }

    @Test func `is refused when a file is there in another size`() async throws {
        await testFarm.scenes.upload([1, 2], key: "files/" + name(1))
        let job = try await split(
            [("a.blend", try Fixture.startScene()), ("x.png", [1])], scene: "a.blend",
            without: ["x.png"])
        #expect(await reason(job).contains("a file that the project's listing names: x.png"))
    }

    @Test func `is looked through for what its scene and linked .blends need`() async throws {
        var files = Project.assets.map { (path: "shot/" + $0, bytes: [UInt8(1)]) }
        files.removeAll { $0.path.hasSuffix("wood.png") }
        files.append(("shot/scene.blend", try Fixture.referringScene()))
        files.append(("shot/library.blend", try Fixture.referringScene()))
        let refused = await reason(try await split(files, scene: "shot/scene.blend"))
        for path in ["//textures/wood.png", "/films/film.mp4"] {
            #expect(refused.contains(path + ","), "\(refused)")
            #expect(refused.contains(path + " (of shot/library.blend)"), "\(refused)")
        }
        #expect(!refused.contains("shot_0001") && refused.contains("Add it to the project"))
        let allowed = try await split(
            files, scene: "shot/scene.blend", metadata: ["allow-missing": "true"])
        #expect(allowed.state == .trying && allowed.settings?.missing?.count == 4)
    }

    @Test func `that is none, or no project by the rules, is a failed job`() async throws {
        #expect(await reason(try await split([])).contains("listing can't be read"))
        #expect(await reason(try await split(Array("{".utf8))).contains("listing can't be read"))
        let scene = name(0)
        let outside =
            #"{"version":1,"scene":"a.blend","files":["#
            + #"{"path":"a.blend","sha256":"\#(scene)","size":1},"#
            + #"{"path":"../b","sha256":"\#(scene)","size":1}]}"#
        #expect(await reason(try await split(Array(outside.utf8))).contains("“../b”"))
        let damaged = try await split([("a.blend", Array("BLENDER-v304".utf8))], scene: "a.blend")
        #expect(await reason(damaged).hasPrefix("a.blend: "))
    }

    @Test func `is split again when the bucket could not be asked`() async throws {
        let files = [(path: "a.blend", bytes: try Fixture.startScene()), ("x", [UInt8(1)])]
        testFarm.faults.stop(after: 3)
        await #expect(throws: PortError.self) { try await split(files, scene: "a.blend") }
        testFarm.faults.resume()
        let again = try await testFarm.splitter.handle(S3Event(key: "film.project"))
        guard case .split = again.first else {
            Issue.record("It was \(again).")
            return
        }
    }
}
