import Farm
import Foundation
import Testing

/// Each kind of file that people upload: its result, and the words of `status`.
extension `The farm on one machine` {
    /// Uploads a file without a check, as `aws s3 cp` does, and waits for the job's end.
    ///
    /// - Returns: Whether the job succeeded, and its status.
    private func upload(
        _ path: String, _ metadata: [String: String] = [:]
    ) async throws -> (isDone: Bool, status: String) {
        let job = try await Rehearsal(farm).upload(path, metadata).rawValue
        let watched = try await farm.command("watch", job)
        if watched.code == 0 {
            let download = try await farm.command("download", job, farm.frames.path())
            #expect(download.code == 0, "\(download)")
        }
        let status = try await farm.command("status", job)
        return (watched.code == 0, status.output)
    }

    @Test func `renders a file that an old Blender compressed with gzip`() async throws {
        let scene = try await farm.scene("old.blend", "--frames", "1-1")
        let answer = try await farm.run(
            "/usr/bin/env",
            [
                "blender", "-b", "--factory-startup", scene, "--python-expr",
                "import bpy; bpy.ops.wm.save_as_mainfile(filepath='\(scene)', compress=False)",
            ])
        let old = farm.folder.appending(path: "packed.blend").path()
        let packed = try await farm.run(
            "/usr/bin/env", ["sh", "-c", #"gzip -c "$0" > "$1""#, scene, old])
        try #require(packed.isSuccess, "\(packed.output) \(answer.output)")
        let inspected = try await farm.command("inspect", old, "--json")
        #expect(try inspected.string("compression") == "gzip")
        let (isDone, status) = try await upload(old)
        #expect(isDone && status.contains(/frames +1 of 1/), "\(status)")
        #expect(try farm.isPNG("frame_0001.png", width: 64, height: 36))
    }

    /// A lone scene lacks the files beside it on its owner's machine.
    @Test func `names what a lone scene lacks, and renders it on request`() async throws {
        let scene = try await project().appending(path: "film/scene.blend").path()
        let lacking = ["//wood.png", "//sets/cube.blend"]
        let (isDone, status) = try await upload(scene)
        #expect(!isDone && status.contains("failed"), "\(status)")
        #expect(lacking.allSatisfy { status.contains($0) }, "\(status)")

        let allowed = try await upload(scene, ["allow-missing": "true"])
        #expect(allowed.isDone, "\(allowed.status)")
        #expect(lacking.allSatisfy { allowed.status.contains($0) }, "\(allowed.status)")
        #expect(allowed.status.contains(/frames +1 of 1/), "\(allowed.status)")
        #expect(try farm.isPNG("frame_0001.png", width: 64, height: 36))
    }

    /// A sky with a picture of another color for each frame.
    private static let sequence = """
        import os
        bpy.ops.wm.save_as_mainfile(filepath=out)
        for thing in [thing for thing in bpy.data.objects if thing.type != "CAMERA"]:
            bpy.data.objects.remove(thing)
        plate = bpy.data.images.new("Plate", 64, 36)
        for number in range(1, 7):
            plate.pixels = (number % 2 * 0.8, number / 7, 0.3, 1) * (64 * 36)
            plate.filepath_raw = os.path.dirname(out) + f"/plates/plate.{number:03}.png"
            plate.file_format = "PNG"
            plate.save()
        nodes, links = scene.world.node_tree.nodes, scene.world.node_tree.links
        sky = nodes.new("ShaderNodeTexEnvironment")
        sky.image = bpy.data.images.load("//plates/plate.001.png")
        sky.image.source = "SEQUENCE"
        sky.image_user.frame_duration, sky.image_user.use_auto_refresh = 6, True
        links.new(sky.outputs["Color"], nodes["Background"].inputs["Color"])
        scene.view_settings.view_transform = "Standard"
        scene.frame_start, scene.frame_end, cycles.samples = 1, 6, 1
        image.file_format, image.color_mode, image.color_depth = "PNG", "RGB", "8"
        """

    @Test func `makes a video of a scene that reads a sequence of pictures`() async throws {
        let scene = try await farm.slicedScene("sequence", Self.sequence)
        let project = farm.folder.path(percentEncoded: false)
        let job = try await farm.command(
            "submit", project, "--file", "sequence.blend", "--chunk", "2", "--watch", "--json")
        #expect(job.code == 0, "\(job) \(scene)")
        let fetched = farm.folder.appending(path: "fetched").path()
        let download = try await farm.command("download", try job.string("job"), fetched)
        #expect(download.code == 0, "\(download)")

        let video = fetched + "/video.mp4"
        let probed = try await farm.run(
            "/usr/bin/env",
            [
                "ffprobe", "-v", "error", "-count_frames", "-show_entries",
                "stream=nb_read_frames,r_frame_rate,duration", "-of", "csv=p=0", video,
            ])
        #expect(probed.output.hasPrefix("24/1,0.250000,6"), "\(probed.output)")
        let still = "\(fetched)/still_%d.png"
        _ = try await farm.run("/usr/bin/env", ["ffmpeg", "-v", "error", "-i", video, still])
        for number in 1...6 {
            let plate = "\(project)/plates/plate.00\(number).png"
            let frame = "\(fetched)/frame_000\(number).png"
            #expect(try await Pictures.difference(farm, plate, frame).most <= 2)
            let shown = "\(fetched)/still_\(number).png"
            #expect(try await Pictures.difference(farm, plate, shown).most <= 8)
        }
    }

    @Test func `refuses a file of a newer Blender, and names both`() async throws {
        let scene = LocalFarm.root.appending(path: "Tests/BlendFileTests/Fixtures/scenes-5.0.blend")
        let (isDone, status) = try await upload(scene.path(), ["scene": "Film", "frames": "5"])
        #expect(!isDone && status.contains("5.0") && status.contains("3.4"), "\(status)")
    }

    @Test(arguments: [
        ("letter.blend", Array("Dear Sir or Madam, this is no scene.".utf8), "not a Blender file"),
        ("empty.blend", [], "The file is empty. Upload it again"),
        ("page.blend", Array("<!DOCTYPE html><title>Sign in</title>".utf8), "a web page"),
        ("folder.zip", Array("PK, but no archive".utf8), "archive"),
    ])
    func `gives the reason why a file is no scene`(
        _ name: String, _ bytes: [UInt8], _ reason: String
    ) async throws {
        let (isDone, status) = try await upload(try farm.file(name, bytes))
        #expect(!isDone && status.contains("failed") && status.contains(reason), "\(status)")
    }

    @Test func `gives the reason why a scene cannot be rendered`() async throws {
        let blind = try await upload(try await farm.scene("blind.blend", "--no-camera"))
        #expect(!blind.isDone && blind.status.contains("camera"), "\(blind.status)")

        let scene = try await farm.scene("backwards.blend", "--frames", "1-2")
        let backwards = try await farm.command("submit", scene, "--frames", "9-3")
        #expect(backwards.code == 2 && backwards.error.contains("backwards"), "\(backwards)")

        let whole = Array(try Data(contentsOf: URL(filePath: scene)))
        let cut = try await upload(
            try farm.file("cut.blend", Array(whole.dropLast(whole.count / 3))))
        #expect(!cut.isDone && cut.status.contains("ends too early"), "\(cut.status)")
    }
}
