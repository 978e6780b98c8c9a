import Presentation
import Farm
import FarmTesting
import Foundation
import Synchronization
import Testing
import Worker

private let notice = Interruption(.spotTerminate, by: .instanceMetadata)
/// A frame takes an hour, so slices pay.
private let long = JobTally(measuredFrames: 1, renderMilliseconds: 3_600_000)

extension TestFarm {
    func name(_ number: Int) -> FrameName { FrameName(job: job, number: number, format: .png) }

    func picture(_ number: Int) async throws -> String? {
        try await frames.picture(name(number)).map { String(decoding: $0, as: UTF8.self) }
    }

    func attempts(_ number: Int) async throws -> [Attempt] {
        try await farm.attempts(of: job).filter { $0.task.number == number }
    }
}

@Suite struct `A long frame` {
    @Test func `is rendered in slices, merged, and counted once`() async throws {
        let testFarm = try await TestFarm(frames: 2, chunk: 2, tally: long)
        testFarm.engine.slicing.withLock { $0.samples = 3_600 }
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 2))
        #expect(try await testFarm.picture(1) == "3600 samples")
        #expect(try await testFarm.picture(2) == "3600 samples")
        #expect(await testFarm.slices.frames.isEmpty)
        // The first slice has the length for an assumed boundary of seconds. Here storing takes no
        // time.
        #expect(
            testFarm.engine.renderedSlices.allSatisfy { $0.count <= ($0.start == 0 ? 600 : 100) })
        let report = try #require(try await testFarm.attempts(1).first?.report)
        let slicing = try #require(report.slicing)
        #expect(slicing.decision.words.hasPrefix("slices of 100 s: reclaims would cost"))
        #expect(slicing.sampleCount == 7_200 && slicing.frameSamples == 3_600)
        #expect(slicing.sliceCount == testFarm.engine.renderedSlices.count)
        #expect(report.frameCount == 2)
        let tally = try #require(try await testFarm.farm.job(testFarm.job)).tally
        #expect(tally.frames == 2 && tally.measuredFrames == 1 + 2)
        // One second for the opening of each frame, and one to synchronize in its first slice.
        #expect(tally.renderMilliseconds == 3_600_000 + 7_204_000)
        #expect(try testFarm.leftovers().isEmpty)
    }

    @Test func `loses only the slice in progress when it is interrupted`()
        async throws
    {
        let testFarm = try await TestFarm(frames: 1, tally: long)
        let (engine, drain, clock) = (testFarm.engine, testFarm.drain, testFarm.clock)
        engine.slicing.withLock { script in
            script.samples = 3_600
            script.before = { (range) async throws(SliceError) in
                guard range.start >= 900 else { return }
                await engine.hang()
                throw .canceled
            }
        }
        async let reason = testFarm.loop.run(until: drain)
        await engine.whenHanging()
        clock.advance(by: .seconds(9))
        drain.raise(notice, at: clock.now(), deadline: clock.now() + .seconds(60))
        #expect(try await reason == notice)
        let finished = engine.renderedSlices
        #expect(!finished.isEmpty && finished.allSatisfy { $0.start < 900 })
        #expect(try await testFarm.kept().first?.lost == .seconds(9))
        #expect(try await testFarm.picture(1) == nil)

        engine.slicing.withLock { $0.before = nil }
        try await testFarm.finishByAnother()
        #expect(try await testFarm.picture(1) == "3600 samples")
        let samples = engine.renderedSlices.reduce(0) { $0 + $1.count }
        #expect(samples == 3_600, "Finished slices are not rendered again.")
        #expect(await testFarm.slices.frames.isEmpty)
        // The other worker rendered a part of a frame, which counts in proportion.
        let tally = try #require(try await testFarm.farm.job(testFarm.job)).tally
        #expect(tally.frames == 1 && tally.measuredFrames == 2)
        #expect((3_600...3_602).contains(try #require(tally.secondsPerFrame)))
    }

    @Test func `that does not end before the deadline keeps the slice that does`()
        async throws
    {
        let testFarm = try await TestFarm(frames: 1, tally: long)
        let (engine, drain, clock) = (testFarm.engine, testFarm.drain, testFarm.clock)
        engine.slicing.withLock { script in
            script.samples = 3_600
            script.before = { (range) async throws(SliceError) in
                guard range.start > 0 else { return }
                await engine.hang()
                if Task.isCancelled { throw .canceled }
            }
        }
        async let reason = testFarm.loop.run(until: drain)
        await engine.whenHanging()
        clock.advance(by: .seconds(50))
        drain.raise(notice, at: clock.now(), deadline: clock.now() + .seconds(120))
        await clock.whenAsleep(2)
        // The slice fits, so it continues. The next one does not fit.
        engine.release()
        await engine.whenHanging(2)
        await clock.whenAsleep(2)
        clock.advance(by: .seconds(101))
        #expect(try await reason == notice)
        #expect(engine.renderedSlices.count == 2)
        #expect(try await testFarm.kept().first?.responses.map(\.action) == [.handedBack])
        #expect(try await testFarm.slices.ranges(of: testFarm.name(1)).count == 2)
    }

    @Test func `that can't be sliced is rendered whole, and the attempt says why`() async throws {
        let testFarm = try await TestFarm(frames: 1, tally: long)
        testFarm.engine.slicing.withLock { $0.unsliceable = "its world is round" }
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 1))
        #expect(try await testFarm.picture(1) == "picture 1")
        let slicing = try #require(try await testFarm.attempts(1).first?.report?.slicing)
        #expect(slicing.decision == .whole(.unsliceable("its world is round")))
        #expect(slicing.sampleCount == 0)
    }

    @Test func `that is unmeasured takes longer than its interrupted attempts`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let (engine, drain) = (testFarm.engine, testFarm.drain)
        engine.script(1, .hang)
        async let reason = testFarm.loop.run(until: drain)
        await engine.whenHanging()
        testFarm.clock.advance(by: .seconds(7_200))
        drain.raise(notice, at: testFarm.clock.now())
        _ = try await reason
        try await testFarm.finishByAnother()
        #expect(try await testFarm.picture(1) == "64 samples")
        let decision = try await testFarm.attempts(1).last?.report?.slicing?.decision.words
        #expect(decision?.hasPrefix("slices of") == true, "\(decision ?? "none")")
    }

    @Test func `leaves no slices when the worker that stored it died`() async throws {
        let testFarm = try await TestFarm(frames: 1, tally: long)
        // The first call of this kind comes after the frame is stored.
        testFarm.faults.fail(.removeSlices)
        guard case .failed = try await testFarm.turn() else {
            Issue.record("The slices could not be removed.")
            return
        }
        #expect(await testFarm.slices.frames == [testFarm.name(1)])
        try await testFarm.finishByAnother()
        #expect(try await testFarm.task(1).state == .succeeded)
        #expect(await testFarm.slices.frames.isEmpty)
        #expect(testFarm.engine.renderedSlices.reduce(0) { $0 + $1.count } == 64)
    }
}

@Suite struct `A frame of ten minutes` {
    private let tally = JobTally(measuredFrames: 1, renderMilliseconds: 600_000)

    /// For frames of ten minutes slices pay in a bad zone, but not on the largest recorded grid.
    @Test(arguments: [(8.0, 1_000.0, "whole: slices do not pay"), (260, 200, "slices of 100 s")])
    func `is rendered whole or in slices by its pool's measured reclaims`(
        _ reclaims: Double, _ hours: Double, _ words: String
    ) async throws {
        let testFarm = try await TestFarm(frames: 1, tally: tally)
        var memory = FleetMemory()
        memory.reclaims.pools[TestFarm.me.pool] = .init(hours: hours, reclaims: reclaims)
        _ = try await testFarm.fleetStore.save(memory)
        testFarm.engine.slicing.withLock { $0.samples = 600 }
        _ = try await testFarm.turn()
        let slicing = try #require(try await testFarm.attempts(1).first?.report?.slicing)
        #expect(slicing.decision.words.hasPrefix(words), "\(slicing.decision.words)")
        #expect(
            slicing.decision.words.contains("in \(hours) instance-hours of \(TestFarm.me.pool)"))
    }
}

@Suite struct `A short frame` {
    @Test func `is rendered whole, and the attempt says why`() async throws {
        let testFarm = try await TestFarm(
            frames: 1, tally: JobTally(measuredFrames: 1, renderMilliseconds: 60_000))
        _ = try await testFarm.turn()
        #expect(testFarm.engine.slicing.withLock { $0.openings } == 0)
        let slicing = try #require(try await testFarm.attempts(1).first?.report?.slicing)
        #expect(slicing.decision.words.hasPrefix("whole: a frame of 60 s is done within 100 s"))
        // The rate of reclaims is not read.
        #expect(testFarm.faults.callCount(of: .readMemory) == 0)
    }
}

@Suite struct `A frame of several shares` {
    private let terms = SliceTerms(shares: 4)

    @Test func `is rendered by several tasks, merged by the last, and counted once`() async throws {
        let testFarm = try await TestFarm(frames: 2, terms: terms)
        for number in 1...8 {
            let task = TaskID(job: testFarm.job, number: number)
            let merged = number.isMultiple(of: 4) ? 1 : 0
            #expect(try await testFarm.farm.job(testFarm.job)?.tally.frames == (number - 1) / 4)
            #expect(try await testFarm.turn() == .rendered(task, frameCount: merged))
            #expect(
                try await testFarm.picture((number + 3) / 4) == (merged == 1 ? "64 samples" : nil))
        }
        let job = try #require(try await testFarm.farm.job(testFarm.job))
        #expect(job.state == .succeeded)
        #expect(job.tally.frames == 2 && job.tally.measuredFrames == 8)
        // 16 s of samples and 1 s of sync for a quarter: 68 s a frame, and 1 s to open the scene.
        #expect(job.tally.secondsPerFrame == 69)
        #expect(await testFarm.slices.frames.isEmpty)
        #expect(testFarm.engine.renderedSlices.reduce(0) { $0 + $1.count } == 128)
    }

    @Test func `has no more shares than its scene's opening allows`() async throws {
        let testFarm = try await TestFarm(frames: 1, terms: terms)
        // 64 s of samples: two workers that open for 30 s save time, four do not.
        testFarm.engine.slicing.withLock { $0.open = .seconds(29) }
        for number in 1...4 {
            let task = TaskID(job: testFarm.job, number: number)
            #expect(
                try await testFarm.turn() == .rendered(task, frameCount: number == 2 ? 1 : 0))
        }
        #expect(testFarm.engine.slicing.withLock { $0.openings } == 2)
        #expect(try await testFarm.picture(1) == "64 samples")
        let decision = try await testFarm.attempts(1).first?.report?.slicing?.decision.words
        #expect(decision?.contains("spread over 2 of 4 workers") == true, "\(decision ?? "none")")
    }

    @Test func `that can't be sliced is rendered whole by the first share's task`() async throws {
        let testFarm = try await TestFarm(frames: 1, terms: terms)
        testFarm.engine.slicing.withLock { $0.unsliceable = "adaptive sampling" }
        for number in 1...4 {
            let task = TaskID(job: testFarm.job, number: number)
            #expect(
                try await testFarm.turn() == .rendered(task, frameCount: number == 1 ? 1 : 0))
            #expect(try await testFarm.farm.job(testFarm.job)?.tally.frames == 1)
        }
        #expect(try await testFarm.picture(1) == "picture 1")
        #expect(try await testFarm.farm.job(testFarm.job)?.state == .succeeded)
    }

    /// No repair runs here. Slices that a dead worker stored are not rendered again.
    @Test func `is complete whenever its worker is killed`() async throws {
        var calls = 0
        var isWhole = false
        while !isWhole {
            let testFarm = try await TestFarm(frames: 1, terms: SliceTerms(shares: 2))
            let before = testFarm.faults.callCount
            testFarm.faults.stop(after: calls)
            do {
                for _ in 1...2 { _ = try await testFarm.turn() }
                isWhole = testFarm.faults.callCount - before <= calls
            } catch {
                // The worker was killed. The next one continues.
            }
            testFarm.faults.resume()
            try await testFarm.finishByAnother()
            let context: Comment = "killed after \(calls) calls"
            #expect(try await testFarm.picture(1) == "64 samples", context)
            for number in 1...2 {
                #expect(try await testFarm.task(number).state == .succeeded, context)
            }
            #expect(await testFarm.slices.frames.isEmpty, context)
            // Only the slice that was not stored yet.
            let doubled = testFarm.engine.renderedSlices.reduce(-64) { $0 + $1.count }
            #expect((0...32).contains(doubled), context)
            calls += 1
            try #require(calls < 200, "Two turns make some dozens of calls.")
        }
    }
}
