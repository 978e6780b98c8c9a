import Foundation
import Testing

/// A scene with files of its own: a picture, and a .blend that it links, which has another picture.
extension `The farm on one machine` {
    private func project() async throws -> URL {
        let folder = farm.folder.appending(path: "project")
        let answer = try await farm.run(
            "/usr/bin/env",
            [
                "blender", "-b", "--factory-startup", "--python",
                "Tests/EndToEndTests/make_project.py", "--", folder.path(),
            ])
        let scene = folder.appending(path: "film/scene.blend").path()
        try #require(FileManager.default.fileExists(atPath: scene), "\(answer.output)")
        return folder
    }

    private func blenderAlone(_ project: URL) async throws -> String {
        let folder = farm.folder.appending(path: "alone").path()
        let answer = try await farm.run(
            "/usr/bin/env",
            [
                "blender", "-b", "--factory-startup", project.path() + "/film/scene.blend", "-o",
                folder + "/frame_####", "-x", "1", "-f", "1",
            ])
        try #require(answer.isSuccess, "\(answer.output)")
        return folder + "/frame_0001.png"
    }

    @Test(.timeLimit(.minutes(4)))
    func `renders a project as this machine does, from its folder and from its archive`()
        async throws
    {
        let project = try await project()
        let alone = try await blenderAlone(project)
        let submitted = try await farm.command(
            "submit", project.path(), "--file", "film/scene.blend", "--watch", "--json")
        #expect(submitted.code == 0, "\(submitted)")
        let id = try submitted.string("job")
        #expect(try submitted.string("scene") == "film/scene.blend")
        let fetched = farm.folder.appending(path: "fetched").path()
        let download = try await farm.command("download", id, fetched)
        #expect(download.code == 0, "\(download)")

        let archive = farm.folder.appending(path: "project.tar.gz").path()
        let packed = try await farm.run(
            "/usr/bin/env", ["tar", "czf", archive, "-C", project.path(), "."])
        #expect(packed.isSuccess, "\(packed.output)")
        let run = try await farm.render(archive, "--file", "scene.blend")
        #expect(run.isSuccess, "\(run.output)")
        for folder in [fetched, farm.frames.path()] {
            let found = try await Pictures.difference(farm, alone, folder + "/frame_0001.png")
            #expect(found.most <= Pictures.Difference.measuredEarlier.most)
            #expect(found.pixelCount <= Pictures.Difference.measuredEarlier.pixelCount)
        }
    }

    @Test func `names what a project lacks before an instance starts`() async throws {
        let project = try await project()
        try FileManager.default.removeItem(
            at: project.appending(path: "film/sets/textures/cube.png"))
        let archive = farm.folder.appending(path: "lacking.zip").path()
        let packed = try await farm.run(
            "/usr/bin/env",
            ["python3", "-m", "zipfile", "-c", archive, project.path() + "/film"])
        #expect(packed.isSuccess, "\(packed.output)")
        let run = try await farm.render(archive, "--file", "scene.blend")
        #expect(!run.isSuccess)
        #expect(
            run.output.contains("//textures/cube.png (of film/sets/cube.blend)"), "\(run.output)")
        #expect(!run.output.contains("wood.png"), "\(run.output)")
        let refused = try await farm.command("submit", archive, "--file", "scene.blend")
        #expect(refused.code == 1 && refused.error.contains("cube.png"), "\(refused)")
    }
}
