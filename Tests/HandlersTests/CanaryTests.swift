import Farm
import FarmTesting
import Handlers
import Testing

private let anna = WorkerID("i-a")
private let camera = RenderFailure(.scene, "It has no camera.")

extension Bench {
    /// Leases what a worker may, in the order of numbers.
    fileprivate func canary(of job: JobID) async throws -> [RenderTask] {
        try await lease(SplitPlan.canaryCount, of: job, to: anna)
    }

    fileprivate func succeed(_ tasks: some Sequence<RenderTask>) async throws {
        for task in tasks {
            try await ledger.apply(
                .succeed(task.token, RenderReport(frameCount: task.frames.count)), to: task.id)
        }
    }

    /// A canary's frames are all there, and who was to send the others' messages died before the first.
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
    @Test func `has the others' messages sent when its three frames are there`() async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        #expect(try await bench.stored(id).state == .trying)
        #expect(try await bench.tasks(of: id).map(\.frames.first).prefix(4) == [1, 11, 20, 2])
        #expect(await bench.sent(of: id) == [1, 2, 3])
        let canary = try await bench.canary(of: id)
        try await bench.succeed(canary.prefix(2))
        #expect(await bench.sent(of: id) == [1, 2, 3])
        try await bench.succeed(canary.suffix(1))
        #expect(try await bench.stored(id).state == .queued)
        #expect(await bench.sent(of: id) == Set(1...20))
    }

    @Test func `is not one of few frames, nor one whose owner wants none`() async throws {
        let bench = Bench()
        #expect(
            try await !bench.stored(bench.splitJob(frames: 11, hasCanary: true)).terms.hasCanary)
        await bench.scenes.upload(
            try Fixture.scene(), key: "t.blend",
            metadata: ["scene": "Film", "frames": "1-50", "canary": "false"])
        _ = try await bench.splitter.handle(S3Event(key: "t.blend"))
        #expect(try await bench.farm.openJobs().allSatisfy { !$0.terms.hasCanary })
    }

    /// The splitter dies after each number of calls.
    @Test(arguments: 1...8)
    func `is tried though its splitter was killed`(_ calls: Int) async throws {
        let bench = Bench()
        await bench.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-20"])
        bench.faults.stop(after: calls)
        await bench.inVain { try await bench.splitter.handle(S3Event(key: "s.blend")) }
        bench.faults.resume()
        guard let id = try await bench.farm.openJobs().first?.id else { return }
        try await bench.time.sleep(for: .seconds(900))
        _ = try await bench.repairAll()
        #expect(try await bench.stored(id).state == .trying)
        #expect(await bench.sent(of: id) == [1, 2, 3])
    }

    /// The worker of its third frame dies after each number of calls.
    @Test(arguments: 1...9)
    func `goes on though the worker died that proved it`(_ calls: Int) async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        let canary = try await bench.canary(of: id)
        try await bench.succeed(canary.prefix(2))
        bench.faults.stop(after: calls)
        await bench.inVain { try await bench.succeed(canary.suffix(1)) }
        bench.faults.resume()
        if case .leased = try await bench.farm.task(canary[2].id)?.state { return }
        let wasTrying = try await bench.stored(id).state == .trying
        let report = try await bench.repairAll()
        #expect(report.tried == (wasTrying ? [id] : []) && report.errors.isEmpty)
        #expect(try await bench.stored(id).state == .queued)
        #expect(await bench.sent(of: id) == Set(1...20))
    }

    @Test func `goes on in the next run when time is up`() async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        try await bench.proveInVain(id)
        let open = try await bench.repair.settleJobs()
        #expect(try await bench.repair.completeCanaries(of: open, until: bench.time.now()) == [])
        #expect(try await bench.stored(id).state == .trying)
        #expect(try await bench.repairAll().tried == [id])
    }

    /// The worker that fails one for good dies after each number of calls.
    @Test(arguments: 1...9)
    func `is given up at once by a scene that can't be rendered`(_ calls: Int) async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        let canary = try await bench.canary(of: id)
        bench.faults.stop(after: calls)
        await bench.inVain {
            try await bench.ledger.apply(
                .fail(canary[0].token, camera, RenderReport()), to: canary[0].id)
        }
        bench.faults.resume()
        if case .leased = try await bench.farm.task(canary[0].id)?.state { return }
        for _ in 1...2 { _ = try await bench.repairAll() }
        let job = try await bench.stored(id)
        #expect(job.state.reason?.contains(camera.message) == true && job.state.isSettled)
        #expect(job.tally.canceled == 19 && job.tally.failed == 1)
        // Who has mended it has it tried first again.
        guard case .done(let open, 20) = try await bench.steer.retry(id, failedOnly: false) else {
            Issue.record("A failed job can be tried again.")
            return
        }
        #expect(open.state == .trying)
        #expect(try await bench.repairAll().tried == [])
        try await bench.succeed(try await bench.canary(of: id))
        #expect(try await bench.stored(id).state == .queued)
    }

    @Test func `is proven by the splitter when its frames were there before it was split`()
        async throws
    {
        let bench = Bench()
        await bench.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-20"])
        bench.faults.breakDown(.replaceJob)
        await bench.inVain { try await bench.splitter.handle(S3Event(key: "s.blend")) }
        bench.faults.mend(.replaceJob)
        let id = try #require(try await bench.farm.openJobs().first).id
        try await bench.succeed(try await bench.canary(of: id))
        #expect(try await bench.stored(id).state == .splitting)
        _ = try await bench.splitter.handle(S3Event(key: "s.blend"))
        #expect(try await bench.stored(id).state == .queued)
        #expect(await bench.sent(of: id) == Set(1...20))
    }

    @Test func `has the others' messages sent by one worker, and not by all who end a task`()
        async throws
    {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        try await bench.proveInVain(id)
        // The sender was slow, and some of its messages have found a worker.
        try await bench.succeed(try await bench.lease(1, of: id, to: anna))
        #expect(await bench.sent(of: id) == [1, 2, 3])
        #expect(try await bench.stored(id).state == .trying)
    }

    @Test func `is queued though time was up before all messages were sent`() async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 1_500, chunk: 1, hasCanary: true)
        try await bench.proveInVain(id)
        try await bench.ledger.prove(try await bench.stored(id), until: bench.time.now())
        #expect(try await bench.stored(id).state == .queued)
        #expect(await bench.sent(of: id).count == 1_003)
        // The others follow once these are taken.
        await bench.queue.loseMessages()
        try await bench.time.sleep(for: .seconds(601))
        #expect(try await bench.repairAll().reminded.count == 1_497)
    }

    /// Of a job that is not open workers drop the messages.
    @Test func `that failed sends no message before it is open again`() async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        let task = try #require(try await bench.canary(of: id).first)
        try await bench.ledger.apply(.fail(task.token, camera, RenderReport()), to: task.id)
        _ = try await bench.repairAll()
        #expect(try await bench.stored(id).state.isSettled)
        await bench.queue.loseMessages()
        bench.faults.breakDown(.replaceJob)
        await bench.inVain { try await bench.steer.retry(id, failedOnly: false) }
        bench.faults.mend(.replaceJob)
        #expect(await bench.queue.messages.isEmpty)
        _ = try await bench.steer.retry(id, failedOnly: false)
        #expect(try await bench.stored(id).state == .trying)
        #expect(await bench.sent(of: id) == [1, 2, 3])
    }

    @Test func `has no message of others taken for lost`() async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        await bench.queue.loseMessages()
        try await bench.time.sleep(for: .seconds(3_600))
        #expect(try await bench.repairAll().reminded.map(\.number) == [1, 2, 3])
        #expect(try await bench.stored(id).state == .trying)
    }

    @Test func `is paused while it is tried, and resumed`() async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 20, hasCanary: true)
        let canary = try await bench.canary(of: id)
        _ = try await bench.steer.pause(id)
        try await bench.succeed(canary)
        #expect(await bench.sent(of: id) == [1, 2, 3])
        guard case .done(let job, 17) = try await bench.steer.resume(id) else {
            Issue.record("A paused job can be resumed.")
            return
        }
        #expect(job.state == .queued)
        #expect(await bench.sent(of: id) == Set(1...20))
    }

    @Test func `is worth one instance until it is proven, and then what its frames took`()
        async throws
    {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 300, chunk: 1, hasCanary: true)
        let policy = ScalingPolicy(
            turnAround: .seconds(60), limits: ScalingPolicy.Limits(most: 10))
        let scaler = bench.scaler(policy)
        let until = bench.time.now() + .seconds(40)
        let first = try #require(try await scaler.tick(repairingUntil: until)?.rows.first)
        #expect(first.demand == 1 && first.desired == 1)
        for task in try await bench.canary(of: id) {
            let report = RenderReport(frameCount: 1, renderMilliseconds: 1_000)
            try await bench.ledger.apply(.succeed(task.token, report), to: task.id)
        }
        // 297 frames of a second in a minute.
        let second = try #require(try await scaler.tick(repairingUntil: until)?.rows.first)
        #expect(second.desired == 5)
    }
}
