import Operations
import Farm
import FarmTesting
import Logging
import Testing
import Worker

@Suite struct `A busy worker` {
    @Test func `is protected from its first lease until it finds no message`() async throws {
        let testFarm = try await TestFarm(frames: 2, leaping: true)
        let protection = testFarm.protection
        testFarm.engine.script(
            1, .after({ #expect(await protection.isProtected) }, .render))
        _ = try await testFarm.turn()
        // The next message is already waiting: a call for each task would be throttled.
        #expect(await protection.isProtected)
        let second = try await testFarm.turn()
        #expect(second.isRender)
        #expect(await protection.setCount == 1)
        #expect(try await testFarm.turn() == .idle)
        #expect(await !protection.isProtected)
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.state == .idle)
    }

    @Test func `reports what it renders, and clears it when idle`() async throws {
        let testFarm = try await TestFarm(frames: 2, chunk: 2, leaping: true)
        let task = TaskID(job: testFarm.job, number: 1)
        let workers = testFarm.workers
        testFarm.engine.script(
            1,
            .after(
                {
                    await expectNoThrow {
                        let progress = try await workers.progress
                        #expect(progress?.task == task)
                    }
                },
                .render))
        _ = try await testFarm.turn()
        #expect(try await testFarm.turn() == .idle)
        let progress = try await workers.progress
        #expect(progress == nil)
    }

    @Test func `reports its frame's progress with each report`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let now = FrameProgress(frame: 1, samples: 3, samplesMax: 8)
        let heartbeat = WorkerHeartbeat(
            TestFarm.me,
            ports: WorkerHeartbeat.Ports(
                workers: testFarm.workers, protection: testFarm.protection,
                prices: FixedPrices(nil),
                time: testFarm.time, frame: { now }),
            interval: .seconds(30), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await heartbeat.register()
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.progress == nil)
        _ = try await heartbeat.begin(TaskID(job: testFarm.job, number: 1))
        #expect(try await testFarm.workers.progress?.frame == now)
    }

    @Test func `that the scaler drained begins nothing, and does not report that it does`()
        async throws
    {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.heartbeat.register()
        try await testFarm.workers.change(TestFarm.me.id) {
            $0.apply(.drain(.scaleIn), at: .testStart)
        }
        let turn = try await testFarm.turn()
        #expect(!turn.isRender)
        let worker = try #require(try await testFarm.workers.worker(TestFarm.me.id))
        #expect(worker.state == .draining(.scaleIn) && worker.progress == nil)
        #expect(try await testFarm.task(1).state == .queued)
    }

    @Test func `is no longer protected after a notice`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        #expect(await testFarm.protection.isProtected)
        drain.raise(Interruption(.spotTerminate, by: .instanceMetadata), at: .testStart)
        _ = try await reason
        #expect(await !testFarm.protection.isProtected)
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.state == .draining(.notice))
    }

    @Test func `renders although Auto Scaling refuses to protect it, and asks again`() async throws
    {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.faults.breakDown(.protect)
        let turn = try await testFarm.turn()
        #expect(turn.isRender)
        testFarm.faults.mend(.protect)
        _ = await testFarm.heartbeat.cool(until: .testStart + .seconds(1))
        #expect(await testFarm.protection.isProtected)
    }

    @Test func `begins no task when it can't report it`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.faults.breakDown(.saveWorker)
        await #expect(throws: PortError.self) { try await testFarm.turn() }
        #expect(try await testFarm.task(1).state == .queued)
        #expect(await testFarm.queue.messages.count == 1)
    }
}

@Suite struct `A worker that the scaler drained` {
    @Test func `takes no task, and gives back the message it received`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.heartbeat.register()
        await testFarm.heartbeat.transition(.idle)
        try await testFarm.workers.retire(TestFarm.me.id)
        #expect(try await testFarm.loop.turn(until: testFarm.drain) == .idle)
        #expect(try await testFarm.task(1).state == .queued)
        #expect(try await testFarm.queue.depth().visible == 1)
        #expect(await testFarm.heartbeat.isRetired)
    }

    @Test func `stays retired whatever it reports, also after a restart`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.heartbeat.register()
        try await testFarm.workers.retire(TestFarm.me.id)
        await testFarm.heartbeat.transition(.idle)
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.state == .draining(.scaleIn))
        let interruption = try await testFarm.loop.run(until: testFarm.drain)
        #expect(interruption == Interruption(.scaleIn, by: .retirement))
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.state == .draining(.scaleIn))
        #expect(try await testFarm.task(1).state == .queued)
    }

    @Test func `finishes its task and is protected until then`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.script(1, .wait)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        try await testFarm.workers.retire(TestFarm.me.id)
        // Any report of its own shows it.
        _ = await testFarm.heartbeat.cool(until: .testStart)
        #expect(await testFarm.heartbeat.isRetired)
        #expect(await testFarm.protection.isProtected)
        let workers = testFarm.workers
        let meanwhile = try await workers.progress
        #expect(meanwhile != nil)
        engine.release()
        #expect(try await reason == Interruption(.scaleIn, by: .retirement))
        #expect(try await testFarm.task(1).state == .succeeded)
        let after = try await workers.progress
        #expect(after == nil)
        #expect(await !testFarm.protection.isProtected)
    }

    /// The scaler and the worker write at the same time, with their calls in random order.
    @Test(arguments: 0..<40) func `or a rendering one: never both`(_ round: Int) async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.heartbeat.register()
        await testFarm.heartbeat.transition(.idle)
        let workers = testFarm.workers
        let read = try #require(try await workers.worker(TestFarm.me.id))
        var retired = read
        retired.apply(.drain(.scaleIn), at: .testStart)
        let word = retired
        let isWorkerLate = round.isMultiple(of: 2)
        async let turn = {
            if isWorkerLate { await Task.yield() }
            return try await testFarm.turn()
        }()
        async let saved = workers.save(word)
        let (wasRetired, wasRender) = (try await saved != nil, try await turn.isRender)
        #expect(wasRetired != wasRender)
        #expect(
            try await testFarm.task(1).state == (wasRetired ? .queued : .succeeded))
    }
}

extension WorkerStore {
    fileprivate var progress: WorkerRecord.Progress? {
        get async throws { try await worker(TestFarm.me.id)?.progress }
    }

    fileprivate func retire(_ id: WorkerID) async throws {
        try await change(id) { $0.apply(.drain(.scaleIn), at: .testStart) }
    }
}

private func expectNoThrow(_ body: () async throws -> Void) async {
    do {
        try await body()
    } catch {
        Issue.record("\(error)")
    }
}
