import Foundation
import Testing

extension `The farm on one machine` {
    @Suite struct `A frame dealt among workers` {
        private let farm: LocalFarm

        init() throws {
            farm = try LocalFarm()
        }

        /// One of both workers is taken away in the middle of its share; the other's slices and its
        /// own make the frame.
        @Test(.timeLimit(.minutes(10)))
        func `is one worker's render, though one of them is taken away`() async throws {
            let scene = try await slicedScene()
            // Up to 256 samples Cycles 3.4's table of its sample pattern has one size; beyond them it
            // grows with the samples of one render, and slices are samples of another pattern.
            let samples = ["--samples", "256", "--resolution", "320x180"]
            let whole = try await farm.render(
                scene, to: farm.folder.appending(path: "whole").path(), samples)
            try #require(whole.isSuccess, "\(whole.output)")
            let dealt = try await farm.render(
                scene, to: farm.frames.path(),
                samples + [
                    "--split-samples", "2", "--interrupt", "both", "--interrupt-after", "5",
                ])
            #expect(dealt.isSuccess, "\(dealt.output)")
            #expect(dealt.output.contains(/interruptions +1 of/), "\(dealt.output)")
            #expect(dealt.output.contains(/retries +0/), "\(dealt.output)")
            #expect(dealt.output.contains(/frames +1, in/), "\(dealt.output)")
            #expect(try farm.frameNames() == ["frame_0001.exr"])
            let difference = try await difference(
                farm.folder.appending(path: "whole/frame_0001.exr").path(),
                farm.frames.appending(path: "frame_0001.exr").path())
            #expect(difference <= 1e-5)
        }

        /// As the engine's own tests have it: OpenEXR of 32 bits, no adaptive sampling.
        private func slicedScene() async throws -> String {
            let path = farm.folder.appending(path: "dealt.blend").path()
            let answer = try await farm.run(
                "/usr/bin/env",
                [
                    "blender", "-b", "--factory-startup", "--python",
                    "Tests/BlenderTests/Fixtures/make_slice_scene.py", "--", path,
                    "scene.frame_start = scene.frame_end = 1",
                ])
            try #require(FileManager.default.fileExists(atPath: path), "\(answer.output)")
            return path
        }

        /// The greatest of any channel of any pixel, in linear light, as Blender reads the files.
        private func difference(_ first: String, _ second: String) async throws -> Double {
            let program = """
                import bpy
                first, second = (list(bpy.data.images.load(path).pixels)
                                 for path in ("\(first)", "\(second)"))
                assert len(first) == len(second) > 0 and max(first) > 0.01
                print("difference", max(abs(a - b) for a, b in zip(first, second)))
                """
            let answer = try await farm.run(
                "/usr/bin/env",
                ["blender", "-b", "--factory-startup", "--python-expr", program])
            let line = answer.output.split(separator: "\n").last { $0.hasPrefix("difference ") }
            let number = line.flatMap { Double($0.dropFirst("difference ".count)) }
            return try #require(number, "\(answer.output)")
        }
    }
}
