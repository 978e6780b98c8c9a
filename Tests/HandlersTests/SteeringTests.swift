import Presentation
import Operations
import Farm
import FarmTesting
import Handlers
import Testing

private let anna = WorkerID("i-a")

@Suite struct `A canceled job` {
    @Test func `has all its tasks canceled, running ones first`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1_200)
        let held = try await testFarm.lease(2, of: job, to: anna)
        guard case .done(let canceled, let count) = try await testFarm.jobOperations.cancel(job)
        else {
            Issue.record("An open job can be canceled.")
            return
        }
        #expect(canceled.state == .canceled && count == canceled.taskCount)
        #expect(canceled.tally.canceled == canceled.taskCount && canceled.openTaskCount == 0)
        #expect(try await testFarm.tasks(of: job).allSatisfy { $0.state == .canceled })
        #expect(
            Set(try await testFarm.farm.attempts(of: job).map(\.outcome)) == [.canceled])
        #expect(try await testFarm.farm.attempts(of: job).count == held.count)
        #expect(try await testFarm.jobOperations.cancel(job) == .unfit(canceled))
    }

    @Test func `keeps finished tasks`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 3)
        let task = try await testFarm.lease(1, of: job, to: anna)[0]
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        _ = try await testFarm.jobOperations.cancel(job)
        let canceled = try #require(try await testFarm.farm.job(job))
        #expect(canceled.state == .canceled)
        #expect(canceled.tally.succeeded == 1 && canceled.tally.canceled == 2)
    }

    /// Whoever cancels dies after each number of calls.
    @Test(arguments: 1...24)
    func `half way is completed by the repair`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 4)
        _ = try await testFarm.lease(1, of: job, to: anna)
        testFarm.faults.stop(after: calls)
        await testFarm.inVain { try await testFarm.jobOperations.cancel(job) }
        testFarm.faults.resume()
        let left = try #require(try await testFarm.farm.job(job))
        guard left.state == .canceling else {
            #expect(left.state != .canceled || left.tally.canceled == 4)
            return
        }
        let report = await testFarm.repair.run(
            over: try await testFarm.farm.openJobs(), until: testFarm.time.now() + .seconds(40))
        #expect(report.canceled == [job] && report.errors.isEmpty)
        let canceled = try #require(try await testFarm.farm.job(job))
        #expect(canceled.state == .canceled && canceled.tally.canceled == 4)
    }

    /// A thousand frames that would all fail alike cost no more than the first few.
    @Test func `or one given up has its open tasks canceled`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1_000)
        let failure = RenderFailure(.scene, "It has no camera.")
        for task in try await testFarm.lease(3, of: job, to: anna) {
            let open = try #require(try await testFarm.farm.job(job))
            #expect(open.state.isWork)
            try await testFarm.operations.apply(
                .fail(task.token, failure, RenderReport()), to: task.id)
        }
        let given = try #require(try await testFarm.farm.job(job))
        #expect(!given.state.isWork && !given.state.isSettled)
        let report = await testFarm.repair.run(
            over: try await testFarm.farm.openJobs(), until: testFarm.time.now() + .seconds(40))
        #expect(report.canceled == [job] && report.errors.isEmpty)
        let failed = try #require(try await testFarm.farm.job(job))
        #expect(failed.tally.failed == 3 && failed.tally.canceled == failed.taskCount - 3)
        guard case .failed(let given) = failed.state else {
            Issue.record("A job that was given up has failed, but this one is \(failed.state).")
            return
        }
        #expect(given.words.hasSuffix(failure.message))
        // Who has mended what was wrong has all of it rendered.
        guard
            case .done(let open, let count) = try await testFarm.jobOperations.retry(
                job, failedOnly: false)
        else {
            Issue.record("A failed job can be tried again.")
            return
        }
        #expect(open.state == .queued && count == open.taskCount)
    }

    @Test func `that is being split ends with counts that add up`() async throws {
        let testFarm = TestFarm()
        testFarm.faults.breakDown(.createTasks)
        await testFarm.inVain { try await testFarm.splitJob(frames: 3) }
        testFarm.faults.mend(.createTasks)
        let job = try #require(try await testFarm.farm.openJobs().first)
        #expect(job.state == .splitting)
        _ = try await testFarm.jobOperations.cancel(job.id)
        let canceled = try #require(try await testFarm.farm.job(job.id))
        #expect(canceled.state == .canceled && canceled.tally.canceled == 3)
    }

    @Test func `continues in the next run after the deadline`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 4)
        try await testFarm.farm.apply(.cancel, to: job, at: testFarm.time.now())
        let late = try await testFarm.repair.completeCancels(
            of: try await testFarm.farm.openJobs(), until: testFarm.time.now())
        #expect(late == [])
        #expect(try await testFarm.farm.job(job)?.state == .canceling)
    }

    /// The tick's list lags, or the tick is slow.
    @Test func `that was retried is not canceled by a late repair`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 4)
        try await testFarm.farm.apply(.cancel, to: job, at: testFarm.time.now())
        let listed = try await testFarm.farm.openJobs()
        _ = try await testFarm.jobOperations.cancel(job)
        _ = try await testFarm.jobOperations.retry(job, failedOnly: false)
        _ = try await testFarm.lease(1, of: job, to: anna)
        let late = try await testFarm.repair.completeCancels(
            of: listed, until: testFarm.time.now() + .seconds(40))
        #expect(late == [])
        #expect(try await testFarm.tasks(of: job).allSatisfy { !$0.state.isTerminal })
    }

    @Test func `that does not exist is unknown`() async throws {
        #expect(try await TestFarm().jobOperations.cancel(JobID("nowhere-1")) == .unknown)
    }
}

@Suite struct `A paused job` {
    @Test func `has a message for every waiting task once it is resumed`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 3)
        _ = try await testFarm.lease(1, of: job, to: anna)
        guard case .done(let paused, _) = try await testFarm.jobOperations.pause(job) else {
            Issue.record("A queued job can be paused.")
            return
        }
        #expect(try await testFarm.jobOperations.pause(job) == .unfit(paused))
        await testFarm.queue.loseMessages()
        guard case .done(let resumed, let count) = try await testFarm.jobOperations.resume(job)
        else {
            Issue.record("A paused job can be resumed.")
            return
        }
        #expect(resumed.state == .queued && count == 2)
        #expect(await testFarm.queue.messages.map(\.task.number) == [2, 3])
        #expect(try await testFarm.jobOperations.resume(job) == .unfit(resumed))
    }

    @Test func `has no messages sent by the repair, and settles with its last task`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let task = try await testFarm.lease(1, of: job, to: anna)[0]
        _ = try await testFarm.jobOperations.pause(job)
        await testFarm.queue.loseMessages()
        try await testFarm.time.sleep(for: .seconds(7_200))
        let soon = testFarm.time.now() + .seconds(40)
        let open = try await testFarm.farm.openJobs()
        #expect(try await testFarm.repair.remindTasks(of: open, until: soon) == [])
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        #expect(try await testFarm.farm.job(job)?.state == .succeeded)
    }
}

@Suite struct `A retried job` {
    @Test func `is open again, with the failed tasks in the queue`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.failedJob()
        await testFarm.queue.loseMessages()
        guard
            case .done(let open, let count) = try await testFarm.jobOperations.retry(
                job, failedOnly: true)
        else {
            Issue.record("A failed job can be tried again.")
            return
        }
        #expect(open.state == .queued && open.openTaskCount == 1 && count == 1)
        #expect(open.tally.failed == 0 && open.tally.succeeded == 2)
        #expect(await testFarm.queue.messages.map(\.task.number) == [1])
        let task = try await testFarm.lease(1, of: job, to: anna)[0]
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        #expect(try await testFarm.farm.job(job)?.state == .succeeded)
    }

    @Test func `takes canceled tasks only when all are asked for`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        _ = try await testFarm.jobOperations.cancel(job)
        let canceled = try #require(try await testFarm.farm.job(job))
        #expect(try await testFarm.jobOperations.retry(job, failedOnly: true) == .unfit(canceled))
        guard
            case .done(let open, 2) = try await testFarm.jobOperations.retry(job, failedOnly: false)
        else {
            Issue.record("A canceled job can be tried again.")
            return
        }
        #expect(open.state == .queued && open.tally.canceled == 0)
    }

    @Test func `without failed tasks stays as it is`() async throws {
        let testFarm = TestFarm()
        let job = try #require(try await testFarm.farm.job(testFarm.splitJob(frames: 2)))
        #expect(try await testFarm.jobOperations.retry(job.id, failedOnly: false) == .unfit(job))
    }

    /// The repair's tick comes after each number of calls of who tries again.
    @Test(arguments: 1...12)
    func `is not settled for good by a tick in between`(_ calls: Int) async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.failedJob()
        testFarm.faults.stop(after: calls)
        await testFarm.inVain { try await testFarm.jobOperations.retry(job, failedOnly: true) }
        testFarm.faults.resume()
        _ = try await testFarm.repair.settleJobs()
        _ = try await testFarm.jobOperations.retry(job, failedOnly: true)
        let open = try #require(try await testFarm.farm.job(job))
        #expect(open.state == .queued && open.openTaskCount == 1)
    }

    @Test func `is open with its messages though a tick settled it in between`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.failedJob()
        // As the tick left it: settled, though a task is back in the queue, its message dropped.
        let task = TaskID(job: job, number: 1)
        try await testFarm.operations.apply(.retry, to: task)
        await testFarm.queue.loseMessages()
        let settled = try #require(try await testFarm.farm.job(job))
        #expect(settled.state.isSettled && settled.openTaskCount == 1)
        _ = try await testFarm.jobOperations.retry(job, failedOnly: true)
        #expect(try await testFarm.farm.job(job)?.state == .queued)
        #expect(await testFarm.queue.messages.map(\.task) == [task])
    }
}

@Suite struct `A settled job` {
    private func announce(_ testFarm: TestFarm) -> AnnounceJobs {
        AnnounceJobs(
            jobs: testFarm.farm, announcer: testFarm.announcer, time: testFarm.time,
            log: testFarm.log)
    }

    @Test func `is notified once, with the next steps`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.failedJob()
        #expect(try await announce(testFarm).run() == [job])
        #expect(try await announce(testFarm).run() == [])
        let message = try #require(await testFarm.announcer.messages.first)
        #expect(message.contains("spotrender retry \(job) --failed"))
        #expect(message.contains("spotrender logs \(job)"))
        _ = try await testFarm.jobOperations.retry(job, failedOnly: true)
        let task = try await testFarm.lease(1, of: job, to: anna)[0]
        try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        #expect(try await announce(testFarm).run() == [job])
        let done = try #require(await testFarm.announcer.messages.last)
        #expect(done.contains("3 frames rendered") && done.contains("spotrender download \(job)"))
    }

    @Test func `is notified again when the topic refused the message`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.failedJob()
        testFarm.faults.fail(.announce)
        await testFarm.inVain { try await announce(testFarm).run() }
        try await testFarm.time.sleep(for: .seconds(60))
        #expect(try await announce(testFarm).run() == [job])
    }

    @Test func `is notified wherever the tick died`() async throws {
        // Through every gap between two of its calls.
        for calls in 0..<10 {
            let testFarm = TestFarm()
            let job = try await testFarm.failedJob()
            testFarm.faults.stop(after: calls)
            do {
                _ = try await announce(testFarm).run()
            } catch {}
            testFarm.faults.resume()
            try await testFarm.time.sleep(for: .seconds(60))
            _ = try await announce(testFarm).run()
            let messages = await testFarm.announcer.messages
            #expect(messages.contains { $0.contains("spotrender logs \(job)") }, "\(calls) calls")
            #expect(messages.count <= 2)
            #expect(try await testFarm.farm.unnotifiedJobs().isEmpty)
        }
    }

    @Test func `is notified by one of many ticks at once`() async throws {
        let testFarm = TestFarm()
        _ = try await testFarm.failedJob()
        _ = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for _ in 0..<6 { group.addTask { try await announce(testFarm).run() } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(await testFarm.announcer.messages.count == 1)
    }

    @Test func `is not notified when a person canceled it`() async throws {
        let testFarm = TestFarm()
        _ = try await testFarm.jobOperations.cancel(try await testFarm.splitJob(frames: 1))
        #expect(try await announce(testFarm).run() == [])
        #expect(try await testFarm.farm.unnotifiedJobs().isEmpty)
    }
}

extension TestFarm {
    /// Three tasks, of which the first failed.
    fileprivate func failedJob() async throws -> JobID {
        let job = try await splitJob(frames: 3)
        for task in try await lease(3, of: job, to: anna) {
            let failure = RenderFailure(.scene, "It has no camera.")
            try await operations.apply(
                task.id.number == 1
                    ? .fail(task.token, failure, RenderReport())
                    : .succeed(task.token, RenderReport()),
                to: task.id)
        }
        return job
    }

    /// The error is what its caller saw, and no matter here.
    func inVain<Answer>(_ work: () async throws -> Answer) async {
        do {
            _ = try await work()
        } catch {
            #expect(error is PortError)
        }
    }
}
