import Foundation
import Testing

extension `The farm on one machine` {
    @Suite struct `A frame dealt among workers` {
        private let farm: LocalFarm

        init() throws {
            farm = try LocalFarm()
        }

        /// One of two workers is interrupted in the middle of its share. The slices of both make
        /// the frame.
        @Test(.timeLimit(.minutes(10)))
        func `equals one worker's render, although a worker is interrupted`() async throws {
            let scene = try await farm.slicedScene("dealt")
            // Up to 256 samples the table of Cycles 3.4's sample pattern has one size. Beyond that
            // it grows with a render's samples, so slices would have samples of another pattern.
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

        /// `status` shows Blender's objection, and one worker renders the frame.
        @Test(.timeLimit(.minutes(5)))
        func `is rendered whole where slices would change the picture, and says why`() async throws
        {
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
