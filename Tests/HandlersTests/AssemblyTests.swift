import Presentation
import Operations
import Farm
import FarmTesting
import Handlers
import Testing

private let anna = WorkerID("i-a")
private let crash = RenderFailure(.crashed, "ffmpeg was ended by signal 11.")

extension TestFarm {
    /// Its frames are rendered; its assembly waits.
    fileprivate func renderedJob(failing: Int = 0) async throws -> JobID {
        let job = try await splitJob(frames: 3, assembles: true)
        try await endFrames(of: job, failing: failing)
        return job
    }

    fileprivate func endFrames(of job: JobID, failing: Int = 0) async throws {
        for (place, task) in try await lease(3, of: job, to: anna).enumerated() {
            if place < failing {
                let scene = RenderFailure(.scene, "It has no camera.")
                try await operations.apply(.fail(task.token, scene, RenderReport()), to: task.id)
            } else {
                try await operations.apply(
                    .succeed(task.token, RenderReport(frameCount: 1)), to: task.id)
            }
        }
    }

    /// As a worker takes it.
    fileprivate func leaseAssembly(of id: JobID) async throws -> RenderTask {
        let job = try await stored(id)
        let task = try #require(try await farm.task(job.assembly))
        try #require(job.allows(task))
        return try #require(try await lease(1, of: id, to: anna).first)
    }

    fileprivate func isAssemblySent(of job: JobID) async throws -> Bool {
        let id = try await stored(job).assembly
        return await queue.messages.contains { $0.task == id }
    }

    /// Fails it until it has failed for good.
    fileprivate func failAssembly(of id: JobID) async throws {
        for _ in 1...3 {
            let task = try await leaseAssembly(of: id)
            try await operations.apply(.fail(task.token, crash, RenderReport()), to: task.id)
        }
    }
}

@Suite struct `A rendered job` {
    @Test func `sends its assembly once its frames are stored, and succeeds after it`()
        async throws
    {
        let testFarm = TestFarm()
        let split = try await testFarm.splitJob(frames: 3, assembles: true)
        #expect(
            try await testFarm.tasks(of: split).map(\.work) == [
                .frames, .frames, .frames, .assembly,
            ])
        #expect(try await !testFarm.isAssemblySent(of: split))
        try await testFarm.endFrames(of: split)
        #expect(try await testFarm.stored(split).state == .assembling)
        #expect(try await testFarm.isAssemblySent(of: split))
        let task = try await testFarm.leaseAssembly(of: split)
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        let done = try await testFarm.stored(split)
        #expect(done.state == .succeeded && done.taskCount == 3 && done.tally.succeeded == 3)
    }

    @Test func `that failed in part is assembled, and then fails`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.renderedJob(failing: 1)
        #expect(try await testFarm.stored(job).state == .assembling)
        let task = try await testFarm.leaseAssembly(of: job)
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        #expect(
            try await testFarm.stored(job).state.failure == .tasksFailed(count: 1, of: 3))
    }

    @Test func `of one frame, or with the assembly turned off, has no assembly`() async throws {
        let testFarm = TestFarm()
        let still = try await testFarm.splitJob(frames: 1, assembles: true)
        #expect(try await testFarm.tasks(of: still).count == 1)
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "t.blend",
            metadata: ["scene": "Film", "frames": "1-3", "assembly": "false"])
        _ = try await testFarm.splitter(assembles: true).handle(S3Event(key: "t.blend"))
        let jobs = try await testFarm.farm.openJobs()
        #expect(jobs.allSatisfy { !$0.terms.assembles } && jobs.count == 2)
    }

    /// Whoever ends the last frame dies after each number of calls.
    @Test(arguments: 1...9)
    func `is assembled though its last worker died`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 3, assembles: true)
        var held = try await testFarm.lease(3, of: id, to: anna)
        let last = held.removeLast()
        for task in held {
            try await testFarm.operations.apply(
                .succeed(task.token, RenderReport(frameCount: 1)), to: task.id)
        }
        for received in try await testFarm.queue.receive(
            from: [.shared], countMax: 10, wait: .zero, hidden: .seconds(9))
        {
            try await testFarm.queue.delete(received.receipt)
        }
        testFarm.faults.stop(after: calls)
        await testFarm.inVain {
            try await testFarm.operations.apply(
                .succeed(last.token, RenderReport(frameCount: 1)), to: last.id)
        }
        testFarm.faults.resume()
        if case .leased = try await testFarm.farm.task(last.id)?.state { return }
        // Long enough for a message to be taken for lost.
        try await testFarm.time.sleep(for: .seconds(601))
        let open = try await testFarm.repair.settleJobs()
        #expect(open.map(\.state) == [.assembling])
        _ = await testFarm.repair.run(over: open, until: testFarm.time.now() + .seconds(40))
        #expect(try await testFarm.isAssemblySent(of: id))
    }

    /// And whoever ends the assembly, well or badly.
    @Test(arguments: 1...8, [true, false])
    func `settles though its assembly's worker died`(_ calls: Int, _ isDone: Bool) async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob()
        if !isDone {
            for _ in 1...2 {
                let task = try await testFarm.leaseAssembly(of: id)
                try await testFarm.operations.apply(
                    .fail(task.token, crash, RenderReport()), to: task.id)
            }
        }
        let task = try await testFarm.leaseAssembly(of: id)
        testFarm.faults.stop(after: calls)
        await testFarm.inVain {
            try await testFarm.operations.apply(
                isDone
                    ? .succeed(task.token, RenderReport())
                    : .fail(task.token, crash, RenderReport()), to: task.id)
        }
        testFarm.faults.resume()
        if case .leased = try await testFarm.farm.task(task.id)?.state { return }
        #expect(try await testFarm.repair.settleJobs().isEmpty)
        let job = try await testFarm.stored(id)
        #expect(job.state == .succeeded)
        #expect((job.note == .missingAssembly(reason: crash.message)) == !isDone)
    }

    @Test func `that can't be assembled succeeds with a note, and can be retried`()
        async throws
    {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob()
        try await testFarm.failAssembly(of: id)
        let job = try await testFarm.stored(id)
        #expect(job.state == .succeeded && job.tally.failed == 0 && job.tally.failures == 3)
        #expect(job.noteWords.first?.contains("retry \(id)") == true)
        guard
            case .done(let again, 1) = try await testFarm.jobOperations.retry(id, failedOnly: true)
        else {
            Issue.record("A failed assembly can be tried again.")
            return
        }
        #expect(again.state == .assembling)
        #expect(try await testFarm.isAssemblySent(of: id))
        #expect(try await testFarm.stored(id).note == nil)
        let task = try await testFarm.leaseAssembly(of: id)
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        let done = try await testFarm.stored(id)
        #expect(done.state == .succeeded)
        #expect(try await testFarm.jobOperations.retry(id, failedOnly: false) == .unfit(done))
    }

    /// Whoever tries again dies after each number of calls.
    @Test(arguments: 1...14)
    func `is not left with open frames in its assembly`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob(failing: 1)
        _ = try await testFarm.leaseAssembly(of: id)
        testFarm.faults.stop(after: calls)
        await testFarm.inVain { try await testFarm.jobOperations.retry(id, failedOnly: true) }
        testFarm.faults.resume()
        _ = try await testFarm.repair.settleJobs()
        let job = try await testFarm.stored(id)
        #expect(job.state == (job.openTaskCount == 0 ? .assembling : .queued))
    }

    @Test func `is not canceled before its assembly when the cancellation died`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob()
        let task = try await testFarm.leaseAssembly(of: id)
        try await testFarm.farm.apply(.cancel, to: id, at: testFarm.time.now())
        let open = try await testFarm.repair.settleJobs()
        #expect(open.map(\.state) == [.canceling])
        _ = await testFarm.repair.run(over: open, until: testFarm.time.now() + .seconds(40))
        #expect(try await testFarm.farm.task(task.id)?.state == .canceled)
        #expect(try await testFarm.stored(id).state.isSettled)
    }

    @Test(arguments: [true, false])
    func `is assembled anew after frames were retried`(_ isDone: Bool) async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob(failing: 1)
        var assembly = try await testFarm.leaseAssembly(of: id)
        if isDone {
            try await testFarm.operations.apply(
                .succeed(assembly.token, RenderReport()), to: assembly.id)
        }
        guard case .done(let open, 1) = try await testFarm.jobOperations.retry(id, failedOnly: true)
        else {
            Issue.record("A job that failed in part can be tried again, also in its assembly.")
            return
        }
        #expect(open.state == .queued)
        #expect(try await testFarm.farm.task(assembly.id)?.state == .queued)
        let frame = try #require(try await testFarm.lease(1, of: id, to: anna).first)
        #expect(frame.work == .frames)
        try await testFarm.operations.apply(
            .succeed(frame.token, RenderReport(frameCount: 1)), to: frame.id)
        assembly = try await testFarm.leaseAssembly(of: id)
        try await testFarm.operations.apply(
            .succeed(assembly.token, RenderReport()), to: assembly.id)
        #expect(try await testFarm.stored(id).state == .succeeded)
    }

    @Test func `is paused in its assembly, and resumed`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob()
        _ = try await testFarm.jobOperations.pause(id)
        #expect(try await testFarm.repair.settleJobs().map(\.state) == [.paused])
        guard case .done(let resumed, 1) = try await testFarm.jobOperations.resume(id) else {
            Issue.record("A paused job can be resumed.")
            return
        }
        #expect(resumed.state == .assembling)
    }

    @Test func `is canceled in its assembly, and keeps its frames`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.renderedJob()
        let task = try await testFarm.leaseAssembly(of: id)
        _ = try await testFarm.jobOperations.cancel(id)
        #expect(try await testFarm.farm.task(task.id)?.state == .canceled)
        #expect(try await testFarm.stored(id).state == .succeeded)
    }

    @Test func `keeps one instance for its assembly`() async throws {
        let testFarm = TestFarm()
        _ = try await testFarm.renderedJob()
        let policy = ScalingPolicy(
            turnAround: .seconds(600), limits: ScalingPolicy.Limits(unitsMax: 10))
        let tick = try await testFarm.scaler(policy).tick(
            repairingUntil: testFarm.time.now() + .seconds(40))
        let row = try #require(tick?.rows.first)
        #expect(row.demand == 1 && row.desired == 1 && tick?.openTasks == 1)
    }
}
