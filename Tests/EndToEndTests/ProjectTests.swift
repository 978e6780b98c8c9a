import AWS
import Farm
import FarmOnAWS
import Foundation
import Testing

/// A scene that uses a picture and links a .blend, which uses another picture.
extension `The farm on one machine` {
    func project() async throws -> URL {
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
    func `renders a project as this machine does, from a folder and from an archive`()
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
        // The farm itself refuses an upload that no command has checked.
        let rehearsal = try Rehearsal(farm)
        let job = try await rehearsal.upload(archive, ["file": "scene.blend"])
        let status = try await farm.command("watch", job.rawValue)
        #expect(status.code == 1, "\(status)")
        let reason = try await farm.command("status", job.rawValue)
        #expect(
            reason.output.contains("//textures/cube.png (of film/sets/cube.blend)"), "\(reason)")
    }

    // MARK: By content

    private struct Submission: Decodable {
        struct Upload: Decodable {
            let files: Int
            let newFiles: Int
            let newBytes: Int
        }
        let job: String
        let bucket: String
        let upload: Upload
    }

    private func submit(_ project: URL) async throws -> Submission {
        let answer = try await farm.command(
            "submit", project.path(), "--file", "film/scene.blend", "--json")
        try #require(answer.code == 0, "\(answer)")
        return try JSONDecoder().decode(Submission.self, from: Data(answer.output.utf8))
    }

    /// Expects the job's frame to equal Blender's own render of the folder.
    private func expectFrame(of job: String, as project: URL) async throws {
        let rehearsal = try Rehearsal(farm)
        _ = try await rehearsal.until("the job is split") {
            try await rehearsal.aws.jobs.job(JobID(job))
        }
        let watched = try await farm.command("watch", job)
        #expect(watched.code == 0, "\(watched)")
        let folder = farm.folder.appending(path: job).path()
        let download = try await farm.command("download", job, folder)
        #expect(download.code == 0, "\(download)")
        let alone = try await blenderAlone(project)
        let found = try await Pictures.difference(farm, alone, folder + "/frame_0001.png")
        #expect(found.most <= Pictures.Difference.measuredEarlier.most)
        #expect(found.pixelCount <= Pictures.Difference.measuredEarlier.pixelCount)
    }

    @Test(.timeLimit(.minutes(4)))
    func `receives only the project's files that it does not have yet`() async throws {
        let project = try await project()
        let first = try await submit(project)
        #expect(first.upload.files == 4 && first.upload.newFiles > 0)
        let s3 = S3(try Rehearsal(farm).aws.client)
        func stored() async throws -> [S3.Entry] {
            try await s3.listAllObjects(bucket: first.bucket, prefix: "files/", countMax: 1000)
                .entries
        }
        let before = try await stored()

        let second = try await submit(project)
        #expect(second.job != first.job)
        #expect(second.upload.newFiles == 0 && second.upload.newBytes == 0)
        #expect(try await stored() == before)
        try await expectFrame(of: second.job, as: project)

        let texture = project.appending(path: "film/sets/textures/cube.png").path()
        let changed = try await farm.run(
            "/usr/bin/env", ["convert", texture, "-negate", texture])
        try #require(changed.isSuccess, "\(changed.output)")
        let third = try await submit(project)
        let size = try FileManager.default.attributesOfItem(atPath: texture)[.size] as? Int
        #expect(third.upload.newFiles == 1 && third.upload.newBytes == size)
        let after = try await stored()
        #expect(after.filter { !before.contains($0) }.map(\.size) == [Int64(size ?? 0)])
        try await expectFrame(of: third.job, as: project)
        let said = try await farm.command("submit", project.path(), "--file", "film/scene.blend")
        #expect(said.output.hasPrefix("The farm has all 4 files ("), "\(said)")
    }
}
