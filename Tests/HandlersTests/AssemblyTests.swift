import Farm
import FarmTesting
import Handlers
import Testing

private let anna = WorkerID("i-a")
private let crash = RenderFailure(.crashed, "ffmpeg was ended by signal 11.")

extension Bench {
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
                try await ledger.apply(.fail(task.token, scene, RenderReport()), to: task.id)
            } else {
                try await ledger.apply(
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
            try await ledger.apply(.fail(task.token, crash, RenderReport()), to: task.id)
        }
    }
}

@Suite struct `A rendered job` {
    @Test func `has its assembly sent once its frames are there, and is done after it`()
        async throws
    {
        let bench = Bench()
        let split = try await bench.splitJob(frames: 3, assembles: true)
        #expect(
            try await bench.tasks(of: split).map(\.work) == [.frames, .frames, .frames, .assembly])
        #expect(try await !bench.isAssemblySent(of: split))
        try await bench.endFrames(of: split)
        #expect(try await bench.stored(split).state == .assembling)
        #expect(try await bench.isAssemblySent(of: split))
        let task = try await bench.leaseAssembly(of: split)
        try await bench.ledger.apply(.succeed(task.token, RenderReport()), to: task.id)
        let done = try await bench.stored(split)
        #expect(done.state == .succeeded && done.taskCount == 3 && done.tally.succeeded == 3)
    }

    @Test func `that failed in part is assembled, and has failed then`() async throws {
        let bench = Bench()
        let job = try await bench.renderedJob(failing: 1)
        #expect(try await bench.stored(job).state == .assembling)
        let task = try await bench.leaseAssembly(of: job)
        try await bench.ledger.apply(.succeed(task.token, RenderReport()), to: task.id)
        #expect(try await bench.stored(job).state.reason?.hasPrefix("1 of 3 tasks failed") == true)
    }

    @Test func `of one frame, or whose owner wants none, has no assembly`() async throws {
        let bench = Bench()
        let still = try await bench.splitJob(frames: 1, assembles: true)
        #expect(try await bench.tasks(of: still).count == 1)
        await bench.scenes.upload(
            try Fixture.scene(), key: "t.blend",
            metadata: ["scene": "Film", "frames": "1-3", "assembly": "false"])
        _ = try await bench.splitter(assembles: true).handle(S3Event(key: "t.blend"))
        let jobs = try await bench.farm.openJobs()
        #expect(jobs.allSatisfy { !$0.terms.assembles } && jobs.count == 2)
    }

    /// Whoever ends the last frame dies after each number of calls.
    @Test(arguments: 1...9)
    func `is assembled though its last worker died`(_ calls: Int) async throws {
        let bench = Bench()
        let id = try await bench.splitJob(frames: 3, assembles: true)
        var held = try await bench.lease(3, of: id, to: anna)
        let last = held.removeLast()
        for task in held {
            try await bench.ledger.apply(
                .succeed(task.token, RenderReport(frameCount: 1)), to: task.id)
        }
        for received in try await bench.queue.receive(
            from: [.shared], most: 10, wait: .zero, hidden: .seconds(9))
        {
            try await bench.queue.delete(received.receipt)
        }
        bench.faults.stop(after: calls)
        await bench.inVain {
            try await bench.ledger.apply(
                .succeed(last.token, RenderReport(frameCount: 1)), to: last.id)
        }
        bench.faults.resume()
        if case .leased = try await bench.farm.task(last.id)?.state { return }
        // Long enough for a message to be taken for lost.
        try await bench.time.sleep(for: .seconds(601))
        let open = try await bench.repair.settleJobs()
        #expect(open.map(\.state) == [.assembling])
        _ = await bench.repair.run(over: open, until: bench.time.now() + .seconds(40))
        #expect(try await bench.isAssemblySent(of: id))
    }

    /// And whoever ends the assembly, well or badly.
    @Test(arguments: 1...8, [true, false])
    func `settles though its assembly's worker died`(_ calls: Int, _ isDone: Bool) async throws {
        let bench = Bench()
        let id = try await bench.renderedJob()
        if !isDone {
            for _ in 1...2 {
                let task = try await bench.leaseAssembly(of: id)
                try await bench.ledger.apply(.fail(task.token, crash, RenderReport()), to: task.id)
            }
        }
        let task = try await bench.leaseAssembly(of: id)
        bench.faults.stop(after: calls)
        await bench.inVain {
            try await bench.ledger.apply(
                isDone
                    ? .succeed(task.token, RenderReport())
                    : .fail(task.token, crash, RenderReport()), to: task.id)
        }
        bench.faults.resume()
        if case .leased = try await bench.farm.task(task.id)?.state { return }
        #expect(try await bench.repair.settleJobs().isEmpty)
        let job = try await bench.stored(id)
        #expect(job.state == .succeeded)
        #expect((job.remark?.contains(crash.message) ?? false) == !isDone)
    }

    @Test func `that can't be assembled is done all the same, says so, and can be tried again`()
        async throws
    {
        let bench = Bench()
        let id = try await bench.renderedJob()
        try await bench.failAssembly(of: id)
        let job = try await bench.stored(id)
        #expect(job.state == .succeeded && job.tally.failed == 0 && job.tally.failures == 3)
        #expect(job.remark?.contains("retry \(id)") == true)
        guard case .done(let again, 1) = try await bench.steer.retry(id, failedOnly: true) else {
            Issue.record("A failed assembly can be tried again.")
            return
        }
        #expect(again.state == .assembling)
        #expect(try await bench.isAssemblySent(of: id))
        #expect(try await bench.stored(id).remark == nil)
        let task = try await bench.leaseAssembly(of: id)
        try await bench.ledger.apply(.succeed(task.token, RenderReport()), to: task.id)
        let done = try await bench.stored(id)
        #expect(done.state == .succeeded)
        #expect(try await bench.steer.retry(id, failedOnly: false) == .unfit(done))
    }

    /// Whoever tries again dies after each number of calls.
    @Test(arguments: 1...14)
    func `is not left with open frames in its assembly`(_ calls: Int) async throws {
        let bench = Bench()
        let id = try await bench.renderedJob(failing: 1)
        _ = try await bench.leaseAssembly(of: id)
        bench.faults.stop(after: calls)
        await bench.inVain { try await bench.steer.retry(id, failedOnly: true) }
        bench.faults.resume()
        _ = try await bench.repair.settleJobs()
        let job = try await bench.stored(id)
        #expect(job.state == (job.openTaskCount == 0 ? .assembling : .queued))
    }

    @Test func `whose canceler died is not canceled before its assembly is`() async throws {
        let bench = Bench()
        let id = try await bench.renderedJob()
        let task = try await bench.leaseAssembly(of: id)
        try await bench.farm.apply(.cancel, to: id, at: bench.time.now())
        let open = try await bench.repair.settleJobs()
        #expect(open.map(\.state) == [.canceling])
        _ = await bench.repair.run(over: open, until: bench.time.now() + .seconds(40))
        #expect(try await bench.farm.task(task.id)?.state == .canceled)
        #expect(try await bench.stored(id).state.isSettled)
    }

    @Test(arguments: [true, false])
    func `is assembled anew after frames were tried again`(_ isDone: Bool) async throws {
        let bench = Bench()
        let id = try await bench.renderedJob(failing: 1)
        var assembly = try await bench.leaseAssembly(of: id)
        if isDone {
            try await bench.ledger.apply(
                .succeed(assembly.token, RenderReport()), to: assembly.id)
        }
        guard case .done(let open, 1) = try await bench.steer.retry(id, failedOnly: true) else {
            Issue.record("A job that failed in part can be tried again, also in its assembly.")
            return
        }
        #expect(open.state == .queued)
        #expect(try await bench.farm.task(assembly.id)?.state == .queued)
        let frame = try #require(try await bench.lease(1, of: id, to: anna).first)
        #expect(frame.work == .frames)
        try await bench.ledger.apply(
            .succeed(frame.token, RenderReport(frameCount: 1)), to: frame.id)
        assembly = try await bench.leaseAssembly(of: id)
        try await bench.ledger.apply(.succeed(assembly.token, RenderReport()), to: assembly.id)
        #expect(try await bench.stored(id).state == .succeeded)
    }

    @Test func `is paused in its assembly, and resumed`() async throws {
        let bench = Bench()
        let id = try await bench.renderedJob()
        _ = try await bench.steer.pause(id)
        #expect(try await bench.repair.settleJobs().map(\.state) == [.paused])
        guard case .done(let resumed, 1) = try await bench.steer.resume(id) else {
            Issue.record("A paused job can be resumed.")
            return
        }
        #expect(resumed.state == .assembling)
    }

    @Test func `is canceled in its assembly, and keeps its frames`() async throws {
        let bench = Bench()
        let id = try await bench.renderedJob()
        let task = try await bench.leaseAssembly(of: id)
        _ = try await bench.steer.cancel(id)
        #expect(try await bench.farm.task(task.id)?.state == .canceled)
        #expect(try await bench.stored(id).state == .succeeded)
    }

    @Test func `keeps one instance for its assembly, and no more`() async throws {
        let bench = Bench()
        _ = try await bench.renderedJob()
        let policy = ScalingPolicy(
            turnAround: .seconds(600), limits: ScalingPolicy.Limits(most: 10))
        let tick = try await bench.scaler(policy).tick(
            repairingUntil: bench.time.now() + .seconds(40))
        let row = try #require(tick?.rows.first)
        #expect(row.demand == 1 && row.desired == 1 && tick?.openTasks == 1)
    }
}
