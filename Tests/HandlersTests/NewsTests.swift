import Presentation
import Operations
import Farm
import FarmTesting
import Handlers
import Testing

private let policy = ScalingPolicy(
    turnAround: .seconds(60), assumedSecondsPerFrame: 30,
    limits: ScalingPolicy.Limits(unitsMax: 5, onDemandMax: 2))

extension TestFarm {
    fileprivate func tick() async throws {
        _ = try await scaler(policy).tick(repairingUntil: time.now() + .seconds(40))
    }

    fileprivate func reclaim(_ names: String...) async throws {
        for name in names {
            try await fleetStore.note(
                PoolReclaim(worker: WorkerID(name), pool: .test, time: time.now()))
        }
    }

    /// Two of three frames cost a dollar and a half of a budget of two.
    fileprivate func jobShortOfMoney() async throws -> JobID {
        let job = try await splitJob(frames: 3, terms: ["budget": "2"])
        let report = RenderReport(frameCount: 1, renderMilliseconds: 1000)
        for task in try await lease(2, of: job, to: WorkerID("i-1"), price: "3600") {
            try await time.sleep(for: .milliseconds(500))
            try await operations.apply(.succeed(task.token, report), to: task.id)
        }
        return job
    }
}

@Suite struct `News of the fleet` {
    @Test func `notify of a burst once, and of the next burst again`() async throws {
        let testFarm = TestFarm()
        try await testFarm.reclaim("i-1", "i-2")
        try await testFarm.tick()
        #expect(await testFarm.announcer.messages.isEmpty)
        try await testFarm.reclaim("i-3")
        try await testFarm.tick()
        let message = try #require(await testFarm.announcer.messages.first)
        #expect(message.contains("3 of 3 Spot instances back within 3 minutes"))
        #expect(message.contains("3 of \(Pool.test)") && message.contains("spotrender fleet"))
        // It goes on, minute by minute: nothing new.
        for name in ["i-4", "i-5", "i-6", "i-7"] {
            try await testFarm.time.sleep(for: .seconds(60))
            try await testFarm.reclaim(name)
            try await testFarm.tick()
        }
        #expect(await testFarm.announcer.messages.count == 1)
        try await testFarm.time.sleep(for: .seconds(180))
        try await testFarm.tick()
        try await testFarm.reclaim("i-8", "i-9", "i-10")
        try await testFarm.tick()
        #expect(await testFarm.announcer.messages.count == 2)
    }

    @Test func `notify once that a job needs more than its budget, with the next steps`()
        async throws
    {
        let testFarm = TestFarm()
        let job = try await testFarm.jobShortOfMoney()
        try await testFarm.tick()
        let message = try #require(await testFarm.announcer.messages.first)
        let note = try #require(try await testFarm.stored(job).noteWords.first)
        #expect(message.contains(note) && message.contains("spotrender cancel \(job)"))
        for _ in 0..<3 {
            try await testFarm.time.sleep(for: .seconds(60))
            try await testFarm.tick()
        }
        #expect(await testFarm.announcer.messages.count == 1)
    }

    @Test func `are sent by a later tick, wherever the first tick died`() async throws {
        // Through every gap between two of its calls.
        for calls in 0..<40 {
            let testFarm = TestFarm()
            try await testFarm.reclaim("i-1", "i-2", "i-3")
            testFarm.faults.stop(after: calls)
            do {
                try await testFarm.tick()
            } catch {}
            testFarm.faults.resume()
            try await testFarm.time.sleep(for: .seconds(60))
            try await testFarm.tick()
            try await testFarm.tick()
            let count = await testFarm.announcer.messages.count
            #expect((1...2).contains(count), "\(count) messages after \(calls) calls")
        }
    }
}
