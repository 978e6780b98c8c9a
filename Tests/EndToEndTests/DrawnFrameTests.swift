import Foundation
import Testing

/// EEVEE renders with OpenGL: in software on this machine, and in a worker's sandbox.
extension `The farm on one machine` {
    @Test(.timeLimit(.minutes(6)))
    func `renders EEVEE as this machine does`() async throws {
        let scene = try await farm.scene("drawn.blend", "--frames", "1-1")
        let alone = farm.folder.appending(path: "alone").path()
        let draw = "import bpy; bpy.context.scene.eevee.taa_render_samples = 1"
        let answer = try await farm.run(
            "/usr/bin/env",
            [
                "blender", "-b", "--factory-startup", scene, "-E", "BLENDER_EEVEE",
                "--python-expr", draw, "-o", alone + "/frame_####", "-F", "PNG", "-x", "1", "-f",
                "1",
            ])
        try #require(answer.isSuccess, "\(answer.output)")
        let run = try await farm.render(scene, "--engine", "eevee", "--samples", "1")
        #expect(run.isSuccess, "\(run.output)")
        #expect(try farm.frameNames() == [Pictures.name(1)])
        #expect(try farm.isPNG(Pictures.name(1), width: 64, height: 36))
        let found = try await Pictures.difference(
            farm, "\(alone)/\(Pictures.name(1))",
            farm.frames.appending(path: Pictures.name(1)).path())
        #expect(found == Pictures.Difference())
    }
}
