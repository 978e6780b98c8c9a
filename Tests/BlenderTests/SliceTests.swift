import Farm
import Subprocess
import Testing

@testable import Blender

/// These tests run Blender. Each one makes its scene.
@Suite(.serialized) struct `A frame of slices` {
    /// The difference between the merge of `counts` and one render of the scene.
    private func distance(
        _ counts: [Int], format: ImageFormat = .openEXR, _ change: String = ""
    ) async throws -> Float {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, format: format, change)
            let merged = try await scene.merged(counts)
            return try await difference(scene.whole(), merged)
        }
    }

    @Test(arguments: [[64], [48, 16], [1, 63], [16, 16, 16, 16]])
    func `equals the render of all samples`(_ counts: [Int]) async throws {
        #expect(try await distance(counts) <= SliceScene.tolerance)
    }

    @Test(arguments: SceneChange.sliceable)
    func `equals the render of a scene`(_ change: SceneChange) async throws {
        #expect(try await distance([48, 16], change.script) <= SliceScene.tolerance)
    }

    @Test func `has every layer and pass of a render in a multilayer file`() async throws {
        let passes = """
            layer.use_pass_z = layer.use_pass_normal = layer.use_pass_emit = True
            layer.use_pass_material_index = layer.use_pass_environment = True
            layer.use_pass_uv = layer.use_pass_glossy_color = True
            layer.use_pass_transmission_color = layer.cycles.denoising_store_passes = True
            """
        let distance = try await distance([48, 16], format: .multilayerEXR, passes)
        #expect(distance <= SliceScene.tolerance)
    }

    @Test func `weighs each slice by its samples`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory)
            let parts = try await scene.slices([48, 16]).parts
            let wrong = [
                MergeRequest.Part(range: SampleRange(start: 0, count: 32), path: parts[0].path),
                MergeRequest.Part(range: SampleRange(start: 32, count: 32), path: parts[1].path),
            ]
            let whole = try await scene.whole()
            let merged = try await scene.merge(wrong).path
            #expect(try difference(whole, merged) > 1e-3)
        }
    }

    @Test func `has the scene's view transform and format`() async throws {
        try await withDirectory { directory in
            let look = """
                scene.view_settings.view_transform = "Filmic"
                scene.view_settings.look = "Medium High Contrast"
                scene.view_settings.exposure = 0.7
                image.file_format, image.color_depth = "PNG", "8"
                """
            let scene = try await SliceScene(in: directory, format: .png, look)
            let merged = try await bytes(scene.merged([48, 16]))
            let whole = try await bytes(scene.whole())
            let again = try await bytes(scene.whole())
            // A float's last bit may change the rounding to one of 255 steps.
            let itself = max(1, worst(whole, again))
            #expect(worst(whole, merged) <= itself)
            #expect(whole.max() ?? 0 > 100)
        }
    }

    private func worst(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard left.count == right.count else { return 255 }
        return zip(left, right).map { abs(Int($0) - Int($1)) }.max() ?? 255
    }

    /// Red, green, blue and alpha of each pixel.
    private func bytes(_ picture: String) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .name("convert"), arguments: [picture, "-depth", "8", "rgba:-"],
            output: .bytes(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess)
        return result.standardOutput
    }

    @Test func `that are forced equals the render without adaptive sampling`() async throws {
        try await withDirectory { directory in
            let plain = try await SliceScene(in: directory).whole()
            let adaptive = try await SliceScene(
                in: directory, "cycles.use_adaptive_sampling = True")
            let merged = try await adaptive.merged([48, 16], isForced: true)
            #expect(try difference(plain, merged) <= SliceScene.tolerance)
        }
    }

    @Test(arguments: SceneChange.unsliceable)
    func `is not made where it would differ from the render`(
        _ change: SceneChange, _ reasons: [String]
    ) async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, change.script)
            let said = try #require(try await scene.objection())
            for reason in reasons { #expect(said.contains(reason)) }
            #expect(said.split(separator: ";").count == reasons.count, "\(said)")
        }
    }

    @Test(
        .enabled("This Blender has no subsets of samples") {
            try await BlenderProgram.tried.version() < BlenderVersion(major: 4, minor: 4, patch: 0)
        })
    func `is not made with a pattern that depends on the number of samples`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, "cycles.samples = 257")
            #expect(try await scene.objection()?.contains("sampling pattern to Sobol") == true)
        }
    }

    private static let denoising = "render.film_transparent = cycles.use_denoising = True\n"

    @Test(
        .enabled("This Blender has a denoiser", SliceScene.hasDenoiser),
        arguments: [
            "cycles.denoising_prefilter = 'FAST'", "cycles.denoising_prefilter = 'NONE'",
            "cycles.denoising_input_passes = 'RGB'", "cycles.denoising_quality = 'FAST'",
            SceneChange.sliceable[0].script, SceneChange.sliceable[2].script,
        ])
    func `is denoised like the render`(_ change: String) async throws {
        // The denoiser amplifies differences in the last bits of its input.
        #expect(try await distance([48, 16], Self.denoising + change) <= 1e-4)
    }

    @Test(.disabled("This Blender has a denoiser", SliceScene.hasDenoiser))
    func `is not made where the denoiser is missing`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, Self.denoising)
            #expect(try await scene.objection()?.contains("without a denoiser") == true)
        }
    }

    @Test func `is not made by another engine`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, renderer: .workbench)
            #expect(try await scene.objection() == "only Cycles renders slices of samples")
        }
    }

    @Test func `is not made of slices that lack a pass`() async throws {
        try await withDirectory { directory in
            let parts = try await SliceScene(in: directory).slices([64]).parts
            let other = try await SliceScene(
                in: directory,
                """
                layer.use_pass_ambient_occlusion = True
                add, layers, link, picture = compositor()
                link(layers.outputs["AO"], picture)
                """)
            let stop = await #expect(throws: SliceError.self) { try await other.merge(parts) }
            #expect("\(try #require(stop))".contains("its slices lack the pass ViewLayer.AO"))
        }
    }

    @Test func `is not made of fewer samples than the scene has`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory)
            let parts = try await scene.slices([16]).parts
            let stop = await #expect(throws: SliceError.self) { try await scene.merge(parts) }
            #expect("\(try #require(stop))".contains("have 16 samples, and the scene has 64"))
        }
    }

    @Test func `is not made of half a slice`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory)
            let parts = try await scene.slices([48, 16]).parts
            let whole = try read(parts[1].path)
            try write(Array(whole.prefix(whole.count / 2)), to: parts[1].path)
            let stop = await #expect(throws: SliceError.self) { try await scene.merge(parts) }
            #expect(
                "\(try #require(stop))".contains(
                    "The slice of samples 49 to 64 can't be merged: the file ends early"))
        }
    }
}
