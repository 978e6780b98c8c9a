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
            let scene = try await farm.slicedScene("dealt")
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
            let difference = try await farm.difference(
                farm.folder.appending(path: "whole/frame_0001.exr").path(),
                farm.frames.appending(path: "frame_0001.exr").path())
            #expect(difference <= 1e-5)
        }

        /// Blender's objection is told, and one worker renders the frame.
        @Test(.timeLimit(.minutes(5)))
        func `is rendered whole where slices would not be the render, and says why`() async throws {
            let scene = try await farm.slicedScene(
                "adaptive", "cycles.use_adaptive_sampling = True")
            let answer = try await farm.render(scene, "--samples", "64", "--split-samples", "2")
            #expect(answer.isSuccess, "\(answer.output)")
            #expect(try farm.frameNames() == ["frame_0001.exr"])
            let status = try await farm.status(of: answer)
            #expect(status.contains("whole: adaptive sampling starts over"), "\(status)")
            #expect(status.contains(/frames +1 of 1/), "\(status)")
        }
    }
}
