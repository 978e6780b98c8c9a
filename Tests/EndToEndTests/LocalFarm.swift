import Foundation
import Subprocess
import SystemPackage
import Testing

/// The local cloud that `Tests/with-local-cloud.sh` started, used through the packaged programs.
struct LocalFarm {
    /// `nil` outside that script, where there is no farm to test.
    static let state = ProcessInfo.processInfo.environment["SPOTRENDER_TEST_CLOUD"]

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let state: String
    /// The folder for everything that this test writes.
    let folder: URL

    init() throws {
        state = try #require(Self.state, "run by Tests/with-local-cloud.sh")
        // Goes with the local cloud's state after a success; stays with its logs after a failure.
        folder = URL(filePath: state).appending(path: "tests/\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    struct Answer {
        let isSuccess: Bool
        /// Standard output and error.
        let output: String
    }

    /// Runs a program in the package's folder and waits for its end.
    func run(_ program: String, _ arguments: [String]) async throws -> Answer {
        let path = program.hasPrefix("/") ? program : Self.root.appending(path: program).path()
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments),
            environment: .inherit.updating(["AWS_EC2_METADATA_DISABLED": "true"]),
            workingDirectory: FilePath(Self.root.path()),
            output: .string(limit: 1 << 20), error: .combinedWithOutput)
        return Answer(
            isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput)
    }

    /// `spotrender local NAME … --state …`
    func local(_ name: String, _ arguments: String...) async throws -> Answer {
        try await run("dist/spotrender", ["local", name] + arguments + ["--state", state])
    }

    /// Renders a scene on the farm. The frames go to the folder `frames`.
    func render(_ scene: String, _ options: String...) async throws -> Answer {
        try await render(scene, to: frames.path(), options)
    }

    func render(
        _ scene: String, to folder: String, _ options: [String] = []
    ) async throws -> Answer {
        try await run(
            "dist/spotrender", ["local", "run", scene, "--state", state, "--out", folder] + options)
    }

    var frames: URL { folder.appending(path: "frames") }

    func frameNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: frames.path())
            .filter { $0.hasPrefix("frame_") }.sorted()
    }

    /// Makes a scene of 64×36 pixels with Blender. `options` are those of
    /// `infra/demo/make_scene.py`.
    func scene(_ name: String, _ options: String...) async throws -> String {
        try await scene(name, options)
    }

    func scene(_ name: String, _ options: [String]) async throws -> String {
        let path = folder.appending(path: name).path()
        let answer = try await run(
            "/usr/bin/env",
            [
                "blender", "-b", "--factory-startup", "--python", "infra/demo/make_scene.py",
                "--", path, "--tiny",
            ] + options)
        try #require(
            FileManager.default.fileExists(atPath: path), "Blender made no scene: \(answer.output)")
        return path
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        return url.path()
    }

    /// Whether a file is a PNG of this size, by its header (PNG specification, 5.2 and 11.2.1). The
    /// worker checks that frames are complete, and its own tests cover that.
    func isPNG(_ name: String, width: Int, height: Int) throws -> Bool {
        let bytes = Array(try Data(contentsOf: frames.appending(path: name)))
        guard bytes.count > 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) else { return false }
        func number(at start: Int) -> Int {
            bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        }
        return number(at: 16) == width && number(at: 20) == height
    }
}
