import Operations
import Farm
import FarmTesting
import Testing
import Worker

private let notice = Interruption(.spotTerminate, by: .instanceMetadata)
private let start = Timestamp.testStart
private let deadline = start + .seconds(120)

/// A job whose measured frames took this long.
private func measured(_ seconds: Int64) -> JobTally {
    JobTally(measuredFrames: 4, renderMilliseconds: 4_000 * seconds)
}

@Suite struct `A worker with a notice` {
    @Test func `finishes the frame that fits, and the handler leaves it alone`() async throws {
        let testFarm = try await TestFarm(frames: 1, tally: measured(60))
        testFarm.engine.script(1, .wait)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        drain.raise(notice, at: start, deadline: deadline)
        // The lease keeper and the drain watch.
        await testFarm.clock.whenAsleep(2)
        guard case .leased(let lease) = try await testFarm.task(1).state else {
            Issue.record("A frame that fits is not handed back.")
            return
        }
        #expect(lease.promisedUntil == deadline)
        let late = Interruption(.spotTerminate, by: .eventBridge)
        let outcome = try await testFarm.farm.apply(
            .interrupt(FencingToken(1), late), to: TaskID(job: testFarm.job, number: 1), at: start)
        guard case .refused(.promised) = outcome else {
            Issue.record("The handler took a promised task: \(outcome)")
            return
        }
        engine.release()
        #expect(try await reason == notice)
        #expect(try await testFarm.task(1).state == .succeeded)
        let kept = try #require(try await testFarm.kept().first)
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(kept.responses == [NoticeRecord.Response(task, .finished)])
        #expect(kept.deadline == deadline && kept.framesFinished == 1 && kept.lost == .zero)
    }

    @Test func `stores the current frame and hands back the rest that does not fit`() async throws {
        let testFarm = try await TestFarm(frames: 4, chunk: 4, tally: measured(70))
        testFarm.engine.script(1, .wait)
        testFarm.engine.script(2, .hang)
        let (loop, drain, engine, clock) = (
            testFarm.loop, testFarm.drain, testFarm.engine, testFarm.clock
        )
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        drain.raise(notice, at: start, deadline: deadline)
        await clock.whenAsleep(2)
        // Longer than the job's mean, but still in time.
        clock.advance(by: .seconds(90))
        engine.release()
        await engine.whenHanging(2)
        // By the attempt's own measurement a frame is short, so the next one begins. It hangs.
        await clock.whenAsleep(2)
        clock.advance(by: .seconds(11))
        #expect(try await reason == notice)
        let task = try await testFarm.task(1)
        #expect(task.failures.isEmpty && task.interruptionCount == 1)
        #expect(await testFarm.frames.frames.keys.sorted() == [testFarm.key(1)])
        let kept = try #require(try await testFarm.kept().first)
        #expect(kept.framesFinished == 1)
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.framesDone == 1)
        #expect(kept.responses.map(\.action) == [.handedBack])
        let attempt = try #require(try await testFarm.farm.attempts(of: testFarm.job).first)
        #expect(attempt.report?.frameCount == 1)
        #expect(clock.now() < deadline)
    }

    @Test(arguments: [JobTally(), measured(101)])
    func `hands a task back at once when it does not fit or was never measured`(_ tally: JobTally)
        async throws
    {
        let testFarm = try await TestFarm(frames: 1, tally: tally)
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        testFarm.clock.advance(by: .seconds(7))
        let now = testFarm.clock.now()
        drain.raise(notice, at: now, deadline: now + .seconds(100))
        // The keeper slept until its renewal. The end needs no further second.
        #expect(try await reason == notice)
        let task = try await testFarm.task(1)
        #expect(task.state == .queued)
        let kept = try #require(try await testFarm.kept().first)
        #expect(kept.responses == [.init(task.id, .handedBack, visible: now)])
        #expect(kept.lost == .seconds(7))
    }

    @Test func `that promised hands its task back at once when it is stopped`() async throws {
        let testFarm = try await TestFarm(frames: 1, tally: measured(60))
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        drain.raise(notice, at: start, deadline: deadline)
        await testFarm.clock.whenAsleep(2)
        drain.raise(Interruption(.drain, by: .signal), at: start)
        testFarm.clock.advance(by: .seconds(1))
        #expect(try await reason == notice)
        #expect(try await testFarm.task(1).state == .queued)
    }

    @Test func `and without a task records the notice and takes no task`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.drain.raise(notice, at: start, deadline: deadline)
        _ = try await testFarm.loop.run(until: testFarm.drain)
        #expect(try await testFarm.kept().map(\.responses) == [[]])
        #expect(try await testFarm.task(1).state == .queued)
    }

    @Test func `learns of it from the handler when its instance metadata has none`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.notices.record(
            NoticeRecord(
                worker: TestFarm.me.id, .end(.spotTerminate), by: .eventBridge, at: start,
                deadline: deadline))
        #expect(try await testFarm.turn() == .idle)
        #expect(testFarm.drain.interruption == Interruption(.spotTerminate, by: .eventBridge))
        #expect(try await testFarm.queue.depth().visible == 1)
    }

    @Test func `learns from the handler why its lease is gone, and records its loss`()
        async throws
    {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        let told = Interruption(.spotTerminate, by: .eventBridge)
        let task = TaskID(job: testFarm.job, number: 1)
        _ = try await testFarm.farm.apply(
            .interrupt(FencingToken(1), told), to: task, at: start)
        try await testFarm.notices.record(
            NoticeRecord(
                worker: TestFarm.me.id, .end(told.cause), by: told.path, at: start,
                deadline: deadline))
        await testFarm.clock.whenAsleep()
        // Until the renewal, which is refused.
        testFarm.clock.advance(by: .seconds(30))
        #expect(try await reason == told)
        let kept = try #require(try await testFarm.kept().last)
        #expect(kept.responses == [.init(task, .stale)] && kept.lost == .seconds(30))
    }

    @Test func `of a signal before its restart continues to work`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.notices.record(
            NoticeRecord(
                worker: TestFarm.me.id, .end(.drain), by: .signal, at: start, deadline: nil))
        #expect(
            try await testFarm.turn()
                == .rendered(TaskID(job: testFarm.job, number: 1), frameCount: 1))
    }

    @Test func `hands its task back when the notice store is unreachable`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        testFarm.faults.breakDown(.recordNotice)
        drain.raise(notice, at: start, deadline: deadline)
        #expect(try await reason == notice)
        #expect(try await testFarm.task(1).state == .queued)
    }
}

@Suite struct `A cooling worker` {
    @Test func `begins no long task and leaves it to other workers at once`() async throws {
        let testFarm = try await TestFarm(frames: 1, tally: measured(121))
        testFarm.drain.cool(until: start + .seconds(600))
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(try await testFarm.turn() == .postponed(task))
        #expect(try await testFarm.queue.depth().visible == 1)
        #expect(try await testFarm.task(1).state == .queued)
        testFarm.clock.advance(by: .seconds(600))
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 1))
    }

    @Test(arguments: [JobTally(), measured(120)])
    func `begins short tasks and unmeasured tasks`(_ tally: JobTally) async throws {
        let testFarm = try await TestFarm(frames: 1, tally: tally)
        testFarm.drain.cool(until: start + .seconds(600))
        #expect(
            try await testFarm.turn()
                == .rendered(TaskID(job: testFarm.job, number: 1), frameCount: 1))
    }
}
