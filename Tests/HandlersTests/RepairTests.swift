import Operations
import Farm
import FarmTesting
import Handlers
import Testing

@Suite struct `A repair of leases` {
    @Test func `requeues the tasks of a silent worker, once`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        let held = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))
        #expect(try await testFarm.repair.expireLeases() == [])
        try await testFarm.time.sleep(for: .seconds(119))
        #expect(try await testFarm.repair.expireLeases() == [])
        try await testFarm.time.sleep(for: .seconds(1))
        #expect(try await testFarm.repair.expireLeases() == held.map(\.id))
        #expect(try await testFarm.repair.expireLeases() == [])
        let task = try #require(try await testFarm.farm.task(held[0].id))
        #expect(task.state == .queued)
        #expect(await testFarm.queue.messages.contains(task.message))
    }

    @Test func `marks a silent worker without tasks as gone`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        _ = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))
        try await testFarm.time.sleep(for: .seconds(300))
        _ = try await testFarm.repair.expireLeases()
        _ = try await testFarm.repair.expireLeases()
        #expect(try await testFarm.workers.openWorkers().isEmpty)
    }

    @Test func `finds a task that its restarted worker does not know`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let held = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))
        var requeued: [TaskID] = []
        for _ in 1...12 {
            try await testFarm.time.sleep(for: .seconds(60))
            let now = testFarm.time.now()
            try await testFarm.workers.change(WorkerID("i-a")) { $0.seen = now }
            requeued += try await testFarm.repair.expireLeases()
        }
        #expect(requeued == held.map(\.id))
        #expect(testFarm.faults.callCount(of: .listHeldTasks) <= 2)
    }

    @Test func `leaves a renewed lease alone`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let task = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))[0]
        for _ in 1...12 {
            try await testFarm.time.sleep(for: .seconds(60))
            let until = testFarm.time.now() + .seconds(120)
            try await testFarm.operations.apply(.renew(task.token, until: until), to: task.id)
            #expect(try await testFarm.repair.expireLeases() == [])
        }
    }
}

@Suite struct `A repair of jobs` {
    @Test func `settles a job whose last worker died before it could`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let task = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))[0]
        testFarm.faults.breakDown(.replaceJob)
        await #expect(throws: PortError.self) {
            try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        }
        testFarm.faults.mend(.replaceJob)
        #expect(try await testFarm.repair.settleJobs().isEmpty)
        #expect(try await testFarm.farm.job(job)?.state == .succeeded)
    }

    /// The splitter is killed after each number of calls it makes.
    @Test(arguments: 1...8)
    func `completes a job whose splitter was killed`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-3"])
        testFarm.faults.stop(after: calls)
        await testFarm.splitInVain()
        testFarm.faults.resume()
        guard let job = try await testFarm.farm.openJobs().first else { return }
        try await testFarm.time.sleep(for: .seconds(900))
        _ = await testFarm.run()
        #expect(try await testFarm.farm.job(job.id)?.state == .queued)
        let tasks = try await testFarm.tasks(of: job.id)
        #expect(tasks.count == 3)
        #expect(Set(await testFarm.queue.messages) == Set(tasks.map(\.message)))
        #expect(await testFarm.run() == RepairFarm.Report())
    }

    @Test func `gives a splitter its time`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.halfSplitJob(frames: 3)
        try await testFarm.time.sleep(for: .seconds(899))
        #expect(await testFarm.run() == RepairFarm.Report())
        #expect(try await testFarm.farm.job(job)?.state == .splitting)
    }

    @Test func `continues in the next run after the deadline`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.halfSplitJob(frames: 20_000)
        try await testFarm.time.sleep(for: .seconds(900))
        let late = await testFarm.repair.run(
            over: try await testFarm.farm.openJobs(), until: testFarm.time.now())
        #expect(late == RepairFarm.Report())
        #expect(await testFarm.run().split == [job])
        #expect(try await testFarm.tasks(of: job).count == 2_500)
        #expect(await testFarm.queue.messages.count == 2_500)
    }
}

@Suite struct `A repair of messages` {
    @Test func `sends lost messages again, after a while and not too often`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 3)
        await testFarm.queue.loseMessages()
        try await testFarm.time.sleep(for: .seconds(599))
        #expect(await testFarm.run().reminded == [])
        try await testFarm.time.sleep(for: .seconds(1))
        let tasks = try await testFarm.tasks(of: job)
        #expect(await testFarm.run().reminded == tasks.map(\.id))
        #expect(Set(await testFarm.queue.messages) == Set(tasks.map(\.message)))
        await testFarm.queue.loseMessages()
        #expect(await testFarm.run().reminded == [])
        try await testFarm.time.sleep(for: .seconds(600))
        #expect(await testFarm.run().reminded == tasks.map(\.id))
    }

    @Test func `leaves a backlog and running tasks alone`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 3)
        try await testFarm.time.sleep(for: .seconds(3_600))
        #expect(await testFarm.run().reminded == [])
        _ = try await testFarm.queue.receive(countMax: 10, wait: .zero, hidden: .seconds(120))
        #expect(await testFarm.run().reminded == [])
        #expect(testFarm.faults.callCount(of: .listTasks) == 0)
        let leased = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))
        await testFarm.queue.loseMessages()
        #expect(await testFarm.run().reminded == [2, 3].map { TaskID(job: job, number: $0) })
        #expect(try await testFarm.farm.task(leased[0].id) == leased[0])
    }

    /// A worker that stood still between its word and its lease is written off, and then leases.
    @Test func `requeues a task whose lease outlived its worker's record`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let task = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))[0]
        let now = testFarm.time.now()
        try await testFarm.workers.change(WorkerID("i-a")) { $0.apply(.end, at: now) }
        await testFarm.queue.loseMessages()
        try await testFarm.time.sleep(for: .seconds(601))
        #expect(await testFarm.run().reminded == [task.id])
        #expect(await testFarm.queue.messages.map(\.task) == [task.id])
        #expect(try await testFarm.farm.attempts(of: job).map(\.outcome) == [.expired])
    }

    @Test func `replaces a message that was given up, if its task waits`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        let waiting = try await testFarm.tasks(of: job)[1]
        let held = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))[0]
        await testFarm.queue.loseMessages()
        await testFarm.queue.bury(.hint(waiting.message))
        await testFarm.queue.bury(.hint(held.message))
        await testFarm.queue.bury(
            .hint(
                TaskMessage(
                    task: TaskID(job: JobID("gone-12345678"), number: 1), token: .unleased)))
        #expect(await testFarm.run().deadLetterCount == 3)
        #expect(await testFarm.queue.messages == [waiting.message])
        #expect(try await testFarm.farm.task(held.id) == held)
        try await testFarm.time.sleep(for: .seconds(7_200))
        #expect(try await testFarm.repair.answerDeadLetters(until: testFarm.soon) == 0)
    }

    @Test func `logs a failed task once`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let task = try await testFarm.lease(1, of: job, to: WorkerID("i-a"))[0]
        let failure = RenderFailure(.scene, "It has no camera.")
        try await testFarm.operations.apply(.fail(task.token, failure, RenderReport()), to: task.id)
        #expect(await testFarm.queue.deadLetters == [task.id])
        #expect(await testFarm.run().deadLetterCount == 1)
        try await testFarm.time.sleep(for: .seconds(7_200))
        #expect(await testFarm.run().deadLetterCount == 0)
        #expect(try await testFarm.farm.task(task.id)?.state == .failed(failure))
    }

    @Test func `leaves foreign messages in the queue`() async throws {
        let testFarm = TestFarm()
        await testFarm.queue.bury(.foreign("message-1"))
        #expect(await testFarm.run().deadLetterCount == 1)
        #expect(await testFarm.run().deadLetterCount == 0)
        try await testFarm.time.sleep(for: .seconds(3_600))
        #expect(await testFarm.run().deadLetterCount == 1)
    }
}

extension TestFarm {
    fileprivate var soon: Timestamp { time.now() + .seconds(40) }

    /// All passes over the open jobs.
    fileprivate func run() async -> RepairFarm.Report {
        do throws(PortError) {
            return await repair.run(over: try await farm.openJobs(), until: soon)
        } catch {
            preconditionFailure("No fault was planned: \(error)")
        }
    }

    /// The splitter's error is what its caller saw, and no matter here.
    fileprivate func splitInVain() async {
        do {
            _ = try await splitter.handle(S3Event(key: "s.blend"))
        } catch {
            #expect(error is PortError)
        }
    }

    /// A job whose splitter was killed before it wrote a task.
    fileprivate func halfSplitJob(frames: Int) async throws -> JobID {
        faults.breakDown(.createTasks)
        await #expect(throws: PortError.self) { try await splitJob(frames: frames) }
        faults.mend(.createTasks)
        return try #require(try await farm.openJobs().first).id
    }
}
