import Presentation
import AWS
import Farm
import FarmOnAWS
import Foundation
import Testing

/// A worker is interrupted in the middle of a slice, after it stored another slice. The tests watch
/// the stored slices in the bucket until the frame is made from them.
extension `The farm on one machine` {
    @Suite struct `A frame in slices` {
        private let farm: LocalFarm

        init() throws {
            farm = try LocalFarm()
        }

        /// With more samples, Cycles 3.4's usual pattern differs from the mean of slices.
        private static let samples = 256

        @Test(.timeLimit(.minutes(8)), arguments: [DetectionStatistics.Method.imds, .kill])
        func `keeps the stored slices when its worker is interrupted in the next`(
            _ method: DetectionStatistics.Method
        ) async throws {
            let (farm, name) = (farm, "kept-\(method.rawValue)")
            let scene = try await farm.slicedScene(name)
            let options = ["--samples", "\(Self.samples)", "--resolution", "640x360"]
            let folder = farm.folder.appending(path: "whole").path()
            let whole = try await farm.render(scene, to: folder, options)
            try #require(whole.isSuccess, "\(whole.output)")
            let rehearsal = try Rehearsal(farm)
            let output = farm.frames.path()
            async let rendering = farm.render(scene, to: output, options + ["--force-slices"])
            let story = await Story.of {
                let job = try await rehearsal.job(of: name)
                return try await loseWorker(of: job, by: method, rehearsal)
            }
            try await rehearsal.releaseCalls()
            let answer = try await rendering
            #expect(answer.isSuccess, "\(answer.output)")
            try await judge(try story.get(), samples: Self.samples, rehearsal)
            let status = try await farm.status(of: answer)
            print(status)
            #expect(status.contains("slices of"), "\(status)")
            let difference = try await farm.difference(
                folder + "/frame_0001.exr", output + "/frame_0001.exr")
            #expect(difference <= 1e-5)
        }

        /// The farm decides itself: a frame that takes longer than any notice is interrupted, in a
        /// pool whose measured reclaim rate makes slices pay. The next worker chooses slices, and
        /// is killed in the second slice.
        @Test(.timeLimit(.minutes(20)))
        func `is sliced because its measured time and its pool's measured reclaims ask for it`()
            async throws
        {
            let (farm, name) = (farm, "automatic")
            let seconds = try await secondsPerSample()
            // It takes four minutes. Sobol's pattern is the same for any number of samples.
            let samples = Int((240 / seconds).rounded())
            let scene = try await farm.slicedScene(name, "cycles.sampling_pattern = 'SOBOL'")
            let rehearsal = try Rehearsal(farm)
            let output = farm.frames.path()
            let options = ["--samples", "\(samples)", "--resolution", "640x360"]
            async let rendering = farm.render(scene, to: output, options)
            let story = await Story.of {
                let job = try await rehearsal.job(of: name)
                let first = try await rehearsal.until("the frame's lease") {
                    try await rehearsal.leases(of: job).first
                }
                // A farm would measure this rate over days; the test has minutes.
                try await rehearsal.know(.init(hours: 5, reclaims: 150), of: first.lease.pool)
                try await Task.sleep(for: .seconds(190))
                try await rehearsal.takeAway(first.lease.worker, by: .imds, after: 15)
                _ = try await rehearsal.until("the frame's loss") {
                    try await rehearsal.loss(of: first.task, by: first.lease.worker)
                }
                return try await loseWorker(of: job, by: .kill, rehearsal)
            }
            try await rehearsal.releaseCalls()
            let answer = try await rendering
            #expect(answer.isSuccess, "\(answer.output)")
            let kept = try story.get()
            try await judge(kept, samples: samples, rehearsal)
            let attempts = try await rehearsal.aws.tasks.attempts(of: kept.job)
                .sorted { $0.token < $1.token }
            let decision = try #require(attempts.first?.report?.slicing?.decision.words)
            #expect(decision.hasPrefix("whole: nothing is known"), "\(decision)")
            let status = try await farm.status(of: answer)
            print(status)
            #expect(status.contains(/slices of \d+ s: reclaims would cost/), "\(status)")
            #expect(
                status.contains(/reclaims an hour \(\d+\.\d in \d+\.\d instance-hours/), "\(status)"
            )
        }

        /// The time of the same scene at the same size, unsliced, on an idle machine.
        private func secondsPerSample() async throws -> Double {
            let scene = try await farm.slicedScene("measured")
            let answer = try await farm.render(
                scene, "--samples", "\(Self.samples)", "--resolution", "640x360")
            try #require(answer.isSuccess, "\(answer.output)")
            let status = try await farm.status(of: answer)
            let frame = try #require(status.firstMatch(of: /per frame +([0-9.]+) s/), "\(status)")
            return try #require(Double(frame.1)) / Double(Self.samples)
        }

        private typealias Story = Result<Kept, any Error>

        private struct Kept {
            let job: JobID
            /// The stored slices when the first worker had lost its task.
            let slices: [SampleRange: S3.Entry]
            /// The stored slices right before they were removed.
            let later: [SampleRange: S3.Entry]
        }

        /// Interrupts the worker while it renders a slice after the first, and watches the stored
        /// slices until the next worker has made the frame and is about to remove them.
        private func loseWorker(
            of job: JobID, by method: DetectionStatistics.Method, _ rehearsal: Rehearsal
        ) async throws -> Kept {
            let frame = FrameName(job: job, number: 1, format: .openEXR)
            let holding = try await rehearsal.until(
                "a slice after the first", within: .seconds(300)
            ) {
                try await rehearsal.leases(of: job).first { task, lease in
                    rehearsal.isInLaterSlice(task, on: lease.worker)
                }
            }
            try await rehearsal.takeAway(holding.lease.worker, by: method, after: 15)
            _ = try await rehearsal.until("the worker's loss") {
                try await rehearsal.loss(of: holding.task, by: holding.lease.worker)
            }
            let slices = try await rehearsal.storedSlices(of: frame)
            try await rehearsal.hold("DELETE", "/\(SliceName.prefix(of: frame))", count: 1)
            _ = try await rehearsal.until("the slices' removal", within: .seconds(300)) {
                try await rehearsal.heldCalls().first
            }
            return Kept(
                job: job, slices: slices, later: try await rehearsal.storedSlices(of: frame))
        }

        private func judge(_ kept: Kept, samples: Int, _ rehearsal: Rehearsal) async throws {
            #expect(!kept.slices.isEmpty)
            for (range, entry) in kept.slices {
                // The same object: neither uploaded again nor replaced.
                #expect(kept.later[range] == entry, "\(range)")
            }
            let stored = kept.slices.keys.reduce(0) { $0 + $1.count }
            #expect(kept.later.keys.reduce(0) { $0 + $1.count } == samples)
            let attempts = try await rehearsal.aws.tasks.attempts(of: kept.job)
                .sorted { $0.token < $1.token }
            #expect(attempts.last?.outcome == .succeeded)
            #expect(attempts.last?.report?.slicing?.sampleCount == samples - stored)
            // A killed worker cannot report.
            let told = attempts.dropLast().compactMap { $0.report?.slicing?.sampleCount }
            #expect([0, stored].contains(told.reduce(0, +)))
        }
    }
}

extension Result where Failure == any Error {
    /// A result that is read later.
    fileprivate static func of(_ work: () async throws -> Success) async -> Result {
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}
