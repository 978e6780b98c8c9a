import Foundation
import Testing

/// A farm whose workers have several Blenders, as `Tests/newer/run.sh` starts it.
private let blenders =
    (ProcessInfo.processInfo.environment["SPOTRENDER_BLENDER"] ?? "")
    .split(separator: ":").map(String.init)

extension `The farm on one machine` {
    @Test(.enabled(if: blenders.count > 1, "run by Tests/newer/run.sh"))
    func `uses the Blender version that saved the file`() async throws {
        // The first version comes again at the end: each replaces the one before.
        for (number, blender) in (blenders + blenders.prefix(1)).enumerated() {
            let asked = try await farm.run("/usr/bin/env", [blender, "--version"])
            let found = asked.output.firstMatch(of: /Blender ((\d+\.\d+)\.\d+)/)
            let (_, version, release) = try #require(found, "\(asked.output)").output
            let scene = try await farm.slicedScene(
                "saved-\(number)", "image.file_format, image.color_depth = 'PNG', '8'",
                by: blender)
            let alone = farm.folder.appending(path: "alone-\(number).png").path()
            let draw = """
                import bpy
                bpy.context.scene.render.filepath = "\(alone)"
                bpy.ops.render.render(write_still=True)
                """
            let drawn = try await farm.run(
                "/usr/bin/env", [blender, "-b", "--factory-startup", scene, "--python-expr", draw])
            #expect(drawn.isSuccess, "\(drawn.output)")

            let estimate = try await farm.command("estimate", scene, "--json")
            #expect(try estimate.string("blender") == String(version), "\(estimate)")

            let folder = farm.folder.appending(path: "frames-\(number)").path()
            let answer = try await farm.render(scene, to: folder)
            #expect(answer.isSuccess, "\(answer.output)")
            let status = try await farm.status(of: answer)
            #expect(
                status.contains("rendered by Blender \(version); saved by \(release)"),
                "\(status)")
            let difference = try await Pictures.difference(
                farm, alone, folder + "/frame_0001.png")
            #expect(difference.most <= Pictures.Difference.measuredEarlier.most)
            #expect(difference.pixelCount <= Pictures.Difference.measuredEarlier.pixelCount)
        }
    }
}
