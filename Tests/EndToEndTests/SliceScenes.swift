import Foundation
import Testing

/// Scenes that can be sliced, and the difference between two pictures.
extension LocalFarm {
    /// OpenEXR with 32 bits and no adaptive sampling, as in the engine's own tests.
    ///
    /// - Parameter change: Python that runs before the scene is saved.
    func slicedScene(
        _ name: String, _ change: String = "", by blender: String = "blender"
    ) async throws -> String {
        let path = folder.appending(path: name + ".blend").path()
        let answer = try await run(
            "/usr/bin/env",
            [
                blender, "-b", "--factory-startup", "--python",
                "Tests/BlenderTests/Fixtures/make_slice_scene.py", "--", path,
                "scene.frame_start = scene.frame_end = 1\n" + change,
            ])
        try #require(FileManager.default.fileExists(atPath: path), "\(answer.output)")
        return path
    }

    /// The greatest difference of any channel of any pixel, in linear light, as Blender reads the
    /// files.
    func difference(_ first: String, _ second: String) async throws -> Double {
        let program = """
            import bpy
            first, second = (list(bpy.data.images.load(path).pixels)
                             for path in ("\(first)", "\(second)"))
            assert len(first) == len(second) > 0 and max(first) > 0.01
            print("difference", max(abs(a - b) for a, b in zip(first, second)))
            """
        let answer = try await run(
            "/usr/bin/env",
            ["blender", "-b", "--factory-startup", "--python-expr", program])
        let line = answer.output.split(separator: "\n").last { $0.hasPrefix("difference ") }
        let number = line.flatMap { Double($0.dropFirst("difference ".count)) }
        return try #require(number, "\(answer.output)")
    }

    /// The output of `spotrender status` for the rendered job.
    func status(of rendered: Answer) async throws -> String {
        let said = rendered.output.firstMatch(of: /spotrender report ([a-z0-9-]+)/)
        let job = try #require(said, "\(rendered.output)").output.1
        let answer = try await run(
            "dist/spotrender", ["status", String(job), "--stack", state + "/env.sh"])
        try #require(answer.isSuccess, "\(answer.output)")
        return answer.output
    }
}
