import Presentation
import Operations
import Farm
import FarmTesting
import Handlers
import Testing

private let anna = WorkerID("i-a")
private let camera = RenderFailure(.scene, "It has no camera.")

extension TestFarm {
    /// Leases what a worker may, in the order of numbers.
    fileprivate func canary(of job: JobID) async throws -> [RenderTask] {
        try await lease(SplitPlan.canaryCount, of: job, to: anna)
    }

    fileprivate func succeed(_ tasks: some Sequence<RenderTask>) async throws {
        for task in tasks {
            try await operations.apply(
                .succeed(task.token, RenderReport(frameCount: task.frames.count)), to: task.id)
        }
    }

    /// A canary's frames are all there, and who was to send the others' messages died before the
    /// first.
    fileprivate func proveInVain(_ job: JobID) async throws {
        let canary = try await canary(of: job)
        try await succeed(canary.prefix(2))
        faults.breakDown(.sendMessages)
        await inVain { try await succeed(canary.suffix(1)) }
        faults.mend(.sendMessages)
    }

    fileprivate func sent(of job: JobID) async -> Set<Int> {
        Set(await queue.messages.filter { $0.task.job == job }.map(\.task.number))
    }

    fileprivate func repairAll() async throws -> RepairFarm.Report {
        await repair.run(
            over: try await repair.settleJobs(), until: time.now() + .seconds(40))
    }
}

@Suite struct `A job with a canary` {
    @Test func `sends the other messages when its three frames are stored`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        #expect(try await testFarm.stored(id).state == .trying)
        #expect(try await testFarm.tasks(of: id).map(\.frames.first).prefix(4) == [1, 11, 20, 2])
        #expect(await testFarm.sent(of: id) == [1, 2, 3])
        let canary = try await testFarm.canary(of: id)
        try await testFarm.succeed(canary.prefix(2))
        #expect(await testFarm.sent(of: id) == [1, 2, 3])
        try await testFarm.succeed(canary.suffix(1))
        #expect(try await testFarm.stored(id).state == .queued)
        #expect(await testFarm.sent(of: id) == Set(1...20))
    }

    @Test func `is not a small job, nor one with the canary turned off`() async throws {
        let testFarm = TestFarm()
        #expect(
            try await !testFarm.stored(testFarm.splitJob(frames: 11, hasCanary: true)).terms
                .hasCanary)
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "t.blend",
            metadata: ["scene": "Film", "frames": "1-50", "canary": "false"])
        _ = try await testFarm.splitter.handle(S3Event(key: "t.blend"))
        #expect(try await testFarm.farm.openJobs().allSatisfy { !$0.terms.hasCanary })
    }

    /// The splitter dies after each number of calls.
    @Test(arguments: 1...8)
    func `is tried though its splitter was killed`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-20"])
        testFarm.faults.stop(after: calls)
        await testFarm.inVain { try await testFarm.splitter.handle(S3Event(key: "s.blend")) }
        testFarm.faults.resume()
        guard let id = try await testFarm.farm.openJobs().first?.id else { return }
        try await testFarm.time.sleep(for: .seconds(900))
        _ = try await testFarm.repairAll()
        #expect(try await testFarm.stored(id).state == .trying)
        #expect(await testFarm.sent(of: id) == [1, 2, 3])
    }

    /// The worker of its third frame dies after each number of calls.
    @Test(arguments: 1...9)
    func `continues though the worker died that proved it`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        let canary = try await testFarm.canary(of: id)
        try await testFarm.succeed(canary.prefix(2))
        testFarm.faults.stop(after: calls)
        await testFarm.inVain { try await testFarm.succeed(canary.suffix(1)) }
        testFarm.faults.resume()
        if case .leased = try await testFarm.farm.task(canary[2].id)?.state { return }
        let wasTrying = try await testFarm.stored(id).state == .trying
        let report = try await testFarm.repairAll()
        #expect(report.tried == (wasTrying ? [id] : []) && report.errors.isEmpty)
        #expect(try await testFarm.stored(id).state == .queued)
        #expect(await testFarm.sent(of: id) == Set(1...20))
    }

    @Test func `continues in the next run after the deadline`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        try await testFarm.proveInVain(id)
        let open = try await testFarm.repair.settleJobs()
        #expect(
            try await testFarm.repair.completeCanaries(of: open, until: testFarm.time.now()) == [])
        #expect(try await testFarm.stored(id).state == .trying)
        #expect(try await testFarm.repairAll().tried == [id])
    }

    /// The worker that fails one for good dies after each number of calls.
    @Test(arguments: 1...9)
    func `is given up at once by a scene that can't be rendered`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        let canary = try await testFarm.canary(of: id)
        testFarm.faults.stop(after: calls)
        await testFarm.inVain {
            try await testFarm.operations.apply(
                .fail(canary[0].token, camera, RenderReport()), to: canary[0].id)
        }
        testFarm.faults.resume()
        if case .leased = try await testFarm.farm.task(canary[0].id)?.state { return }
        for _ in 1...2 { _ = try await testFarm.repairAll() }
        let job = try await testFarm.stored(id)
        #expect(job.state.reason?.contains(camera.message) == true && job.state.isSettled)
        #expect(job.tally.canceled == 19 && job.tally.failed == 1)
        // Who has mended it has it tried first again.
        guard
            case .done(let open, 20) = try await testFarm.jobOperations.retry(id, failedOnly: false)
        else {
            Issue.record("A failed job can be tried again.")
            return
        }
        #expect(open.state == .trying)
        #expect(try await testFarm.repairAll().tried == [])
        try await testFarm.succeed(try await testFarm.canary(of: id))
        #expect(try await testFarm.stored(id).state == .queued)
    }

    @Test func `is proven by the splitter when its frames were stored before the split`()
        async throws
    {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-20"])
        testFarm.faults.breakDown(.replaceJob)
        await testFarm.inVain { try await testFarm.splitter.handle(S3Event(key: "s.blend")) }
        testFarm.faults.mend(.replaceJob)
        let id = try #require(try await testFarm.farm.openJobs().first).id
        try await testFarm.succeed(try await testFarm.canary(of: id))
        #expect(try await testFarm.stored(id).state == .splitting)
        _ = try await testFarm.splitter.handle(S3Event(key: "s.blend"))
        #expect(try await testFarm.stored(id).state == .queued)
        #expect(await testFarm.sent(of: id) == Set(1...20))
    }

    @Test func `sends the other messages by one worker only`()
        async throws
    {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        try await testFarm.proveInVain(id)
        // The sender was slow, and some of its messages have found a worker.
        try await testFarm.succeed(try await testFarm.lease(1, of: id, to: anna))
        #expect(await testFarm.sent(of: id) == [1, 2, 3])
        #expect(try await testFarm.stored(id).state == .trying)
    }

    @Test func `is queued though time was up before all messages were sent`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 1_500, terms: ["chunk": "1"], hasCanary: true)
        try await testFarm.proveInVain(id)
        try await testFarm.operations.settle(id, until: testFarm.time.now())
        #expect(try await testFarm.stored(id).state == .queued)
        #expect(await testFarm.sent(of: id).count == 1_003)
        // The others follow once these are taken.
        await testFarm.queue.loseMessages()
        try await testFarm.time.sleep(for: .seconds(601))
        #expect(try await testFarm.repairAll().reminded.count == 1_497)
    }

    /// Of a job that is not open workers drop the messages.
    @Test func `that failed sends no message before it is open again`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        let task = try #require(try await testFarm.canary(of: id).first)
        try await testFarm.operations.apply(.fail(task.token, camera, RenderReport()), to: task.id)
        _ = try await testFarm.repairAll()
        #expect(try await testFarm.stored(id).state.isSettled)
        await testFarm.queue.loseMessages()
        testFarm.faults.breakDown(.replaceJob)
        await testFarm.inVain { try await testFarm.jobOperations.retry(id, failedOnly: false) }
        testFarm.faults.mend(.replaceJob)
        #expect(await testFarm.queue.messages.isEmpty)
        _ = try await testFarm.jobOperations.retry(id, failedOnly: false)
        #expect(try await testFarm.stored(id).state == .trying)
        #expect(await testFarm.sent(of: id) == [1, 2, 3])
    }

    @Test func `has no message of others taken for lost`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        await testFarm.queue.loseMessages()
        try await testFarm.time.sleep(for: .seconds(3_600))
        #expect(try await testFarm.repairAll().reminded.map(\.number) == [1, 2, 3])
        #expect(try await testFarm.stored(id).state == .trying)
    }

    @Test func `is paused while it is tried, and resumed`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 20, hasCanary: true)
        let canary = try await testFarm.canary(of: id)
        _ = try await testFarm.jobOperations.pause(id)
        try await testFarm.succeed(canary)
        #expect(await testFarm.sent(of: id) == [1, 2, 3])
        guard case .done(let job, 17) = try await testFarm.jobOperations.resume(id) else {
            Issue.record("A paused job can be resumed.")
            return
        }
        #expect(job.state == .queued)
        #expect(await testFarm.sent(of: id) == Set(1...20))
    }

    @Test func `is worth one instance until it is proven, and then what its frames took`()
        async throws
    {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 300, terms: ["chunk": "1"], hasCanary: true)
        let policy = ScalingPolicy(
            turnAround: .seconds(60), limits: ScalingPolicy.Limits(unitsMax: 10))
        let scaler = testFarm.scaler(policy)
        let until = testFarm.time.now() + .seconds(40)
        let first = try #require(try await scaler.tick(repairingUntil: until)?.rows.first)
        #expect(first.demand == 1 && first.desired == 1)
        for task in try await testFarm.canary(of: id) {
            let report = RenderReport(frameCount: 1, renderMilliseconds: 1_000)
            try await testFarm.operations.apply(.succeed(task.token, report), to: task.id)
        }
        // 297 frames of a second in a minute.
        let second = try #require(try await scaler.tick(repairingUntil: until)?.rows.first)
        #expect(second.desired == 5)
    }
}
