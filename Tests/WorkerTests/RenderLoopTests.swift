import Operations
import Farm
import FarmTesting
import Foundation
import Synchronization
import Testing
import Worker

@Suite struct `A worker's turn` {
    @Test func `renders a task, stores its frames and deletes the message last`() async throws {
        let testFarm = try await TestFarm(frames: 2, chunk: 2)
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 2))
        #expect(await testFarm.frames.frames.keys.sorted() == [testFarm.key(1), testFarm.key(2)])
        #expect(try await testFarm.task(1).state == .succeeded)
        #expect(await testFarm.queue.messages.isEmpty)
        let job = try #require(try await testFarm.farm.job(testFarm.job))
        #expect(job.state == .succeeded)
        #expect(job.tally.renderMilliseconds == 500)
        let attempt = try #require(try await testFarm.farm.attempts(of: testFarm.job).first)
        #expect(attempt.report?.logKey == task.logKey(FencingToken(1)))
        #expect(attempt.report?.blender == BlenderVersion("4.5.1"))
        #expect(try testFarm.leftovers().isEmpty)
    }

    @Test func `reports its phases, which add up to the attempt's time`() async throws {
        let testFarm = try await TestFarm(frames: 2, chunk: 2)
        let clock = testFarm.clock
        // A render of 250 ms, plus the times in this script.
        testFarm.engine.script(1, .after({ clock.advance(by: .milliseconds(750)) }, .render))
        testFarm.engine.script(2, .after({ clock.advance(by: .milliseconds(250)) }, .render))
        _ = try await testFarm.turn()
        let attempt = try #require(try await testFarm.farm.attempts(of: testFarm.job).first)
        let phases = AttemptPhases([attempt])
        #expect(phases[.render] == .milliseconds(480) && phases[.synchronize] == .milliseconds(20))
        #expect(phases[.store] == .milliseconds(500))
        #expect(phases.total == attempt.end - attempt.start)
        #expect(attempt.report?.use.memoryPeak == 300 << 20)
        #expect(attempt.report?.use.device == "CPU")
    }

    @Test func `fails without a matching Blender and fetches nothing`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.versions.withLock { $0 = [] }
        let turn = try await testFarm.turn()
        guard case .failed(_, let failure) = turn else {
            Issue.record("It was \(turn).")
            return
        }
        #expect(failure.kind == .scene)
        #expect(testFarm.faults.callCount(of: .downloadScene) == 0)
    }

    @Test func `waits when there is nothing to do`() async throws {
        let testFarm = try await TestFarm(frames: 1, leaping: true)
        await testFarm.farm.remove(testFarm.job)
        _ = try await testFarm.turn()
        #expect(try await testFarm.turn() == .idle)
    }

    @Test func `downloads a scene once for all its tasks`() async throws {
        let testFarm = try await TestFarm(frames: 3)
        for _ in 1...3 { _ = try await testFarm.turn() }
        #expect(testFarm.faults.callCount(of: .downloadScene) == 1)
        #expect(try await testFarm.farm.job(testFarm.job)?.state == .succeeded)
    }

    @Test func `drops a duplicate message`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let message = try await testFarm.task(1).message
        _ = try await testFarm.turn()
        try await testFarm.queue.send([message], after: .zero)
        #expect(try await testFarm.turn() == .dropped(message.task))
        #expect(await testFarm.frames.storeCounts == [testFarm.key(1): 1])
        #expect(await testFarm.queue.messages.isEmpty)
    }

    @Test(arguments: [true, false])
    func `leaves tasks that were interrupted too often to On-Demand workers, if the farm has any`(
        _ hasOnDemand: Bool
    ) async throws {
        let testFarm = try await TestFarm(frames: 1, limits: WorkerLimits(hasOnDemand: hasOnDemand))
        let operations = TaskOperations(
            jobs: testFarm.farm, tasks: testFarm.farm,
            queue: InMemoryTaskQueue(time: testFarm.time),
            time: testFarm.time)
        let id = TaskID(job: testFarm.job, number: 1)
        for token in 1...11 {
            let until = testFarm.time.now() + .seconds(120)
            try await operations.apply(
                .lease(TestFarm.me.id, TestFarm.me.pool, until: until), to: id)
            let notice = Interruption(.spotTerminate, by: .eventBridge)
            try await operations.apply(.interrupt(FencingToken(token), notice), to: id)
        }
        guard hasOnDemand else {
            #expect(try await testFarm.turn() == .rendered(id, frameCount: 1))
            return
        }
        // The message in the shared lane is older.
        #expect(try await testFarm.turn() == .dropped(id))
        #expect(try await testFarm.task(1).state == .queued)
        #expect(await testFarm.queue.messages.map(\.lane) == [.onDemand])
    }

    @Test func `drops a message for a task that another worker holds`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.leaseToOther(1)
        #expect(try await testFarm.turn() == .dropped(TaskID(job: testFarm.job, number: 1)))
        #expect(testFarm.engine.requests.isEmpty)
    }

    @Test func `requeues a task whose holder fell silent`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        try await testFarm.leaseToOther(1)
        testFarm.clock.advance(by: .seconds(121))
        _ = try await testFarm.turn()
        #expect(try await testFarm.task(1).state == .queued)
        #expect(
            try await testFarm.turn()
                == .rendered(TaskID(job: testFarm.job, number: 1), frameCount: 1))
    }

    @Test func `drops a message for a job that is gone`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        await testFarm.farm.remove(testFarm.job)
        #expect(try await testFarm.turn() == .dropped(TaskID(job: testFarm.job, number: 1)))
        #expect(await testFarm.queue.messages.isEmpty)
    }

    @Test func `does not render frames again that an earlier attempt stored`() async throws {
        let testFarm = try await TestFarm(frames: 3, chunk: 3)
        testFarm.engine.script(3, .fail(RenderFailure(.crashed, "signal 11")))
        _ = try await testFarm.turn()
        testFarm.engine.script(3, .render)
        testFarm.clock.advance(by: RetryPolicy.othersFirst)
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 1))
        #expect(testFarm.engine.requests.last?.frames == (try FrameRange(first: 3, last: 3)))
        #expect(await testFarm.frames.storeCounts.values.allSatisfy { $0 == 1 })
    }
}

@Suite struct `A task that can't be rendered` {
    @Test func `is left to other workers, which take it at once`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let task = TaskID(job: testFarm.job, number: 1)
        testFarm.engine.script(1, .fail(RenderFailure(.memory, "signal 9")))
        _ = try await testFarm.turn()
        for _ in 1...3 {
            testFarm.clock.advance(by: .seconds(15))
            #expect(try await testFarm.turn() == .leftToOthers(task))
        }
        #expect(testFarm.engine.requests.count == 1)
        #expect(await testFarm.queue.messages.count == 1)
        testFarm.clock.advance(by: .seconds(10))
        try await testFarm.finishByAnother()
        #expect(try await testFarm.task(1).state == .succeeded)
    }

    @Test func `is taken by the worker that failed it when no other worker comes`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let task = TaskID(job: testFarm.job, number: 1)
        testFarm.engine.script(1, .fail(RenderFailure(.crashed, "signal 11")))
        _ = try await testFarm.turn()
        testFarm.engine.script(1, .render)
        testFarm.clock.advance(by: RetryPolicy.othersFirst)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 1))
    }

    @Test func `is retried, then fails with the reason and keeps its log`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let failure = RenderFailure(.noPicture, "Blender ended, but frame 1 is not there.")
        testFarm.engine.script(1, .fail(failure))
        let task = TaskID(job: testFarm.job, number: 1)
        for _ in 1...3 {
            #expect(try await testFarm.turn() == .failed(task, failure))
            testFarm.clock.advance(by: RetryPolicy.othersFirst)
        }
        #expect(try await testFarm.task(1).state == .failed(failure))
        #expect(await testFarm.queue.deadLetters == [task])
        #expect(await testFarm.queue.messages.isEmpty)
        guard case .failed = try await testFarm.farm.job(testFarm.job)?.state else {
            Issue.record("A job whose only task failed is failed.")
            return
        }
    }

    @Test func `reports that a frame can't be stored`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let denied = PortError(.denied, "store frame 1", "s3:PutObject is not allowed")
        testFarm.faults.fail(.storeFrame, with: denied)
        guard case .failed(_, let failure) = try await testFarm.turn() else {
            Issue.record("A frame that was not stored is not rendered.")
            return
        }
        #expect(failure.kind == .store)
        #expect(failure.message.contains("s3:PutObject"))
        #expect(try await testFarm.task(1).state == .queued)
    }

    @Test func `reports that the disk is full`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.faults.fail(
            .downloadScene, with: PortError(.disk, "download the scene", "No space left"))
        guard case .failed(_, let failure) = try await testFarm.turn() else {
            Issue.record("Without its scene a task can't be rendered.")
            return
        }
        #expect(failure.kind == .disk)
    }

    @Test func `keeps its message when the outcome can't be written`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        // The first commit is the lease, the second the success.
        testFarm.faults.fail(.commitTask, onCall: 2)
        await #expect(throws: PortError.self) { try await testFarm.turn() }
        #expect(await testFarm.queue.messages.count == 1)
        #expect(await testFarm.frames.frames.count == 1)
    }
}

@Suite struct `A drain` {
    @Test(arguments: [
        Interruption(.spotTerminate, by: .instanceMetadata), Interruption(.drain, by: .signal),
    ])
    func `in the middle of a frame hands the task back`(_ away: Interruption) async throws {
        let testFarm = try await TestFarm(frames: 2, chunk: 2)
        testFarm.engine.script(2, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        drain.raise(away, at: .testStart)
        #expect(try await reason == away)
        let task = try await testFarm.task(1)
        #expect(task.state == .queued)
        #expect(task.interruptionCount == 1 && task.failures.isEmpty)
        #expect(await testFarm.queue.messages == [task.message])
        #expect(await testFarm.frames.frames.keys.sorted() == [testFarm.key(1)])
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.state == .draining(.notice))
        #expect(try testFarm.leftovers().isEmpty)
    }

    @Test func `before a turn takes no task`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let away = Interruption(.drain, by: .signal)
        testFarm.drain.raise(away, at: testFarm.time.now())
        #expect(try await testFarm.loop.run(until: testFarm.drain) == away)
        #expect(try await testFarm.task(1).state == .queued)
        // A message that arrived at that moment becomes visible at once.
        #expect(try await testFarm.turn() == .idle)
        #expect(try await testFarm.queue.depth().visible == 1)
    }

    @Test func `keeps its first reason`() {
        let drain = DrainSignal()
        drain.raise(Interruption(.spotStop, by: .instanceMetadata), at: .testStart)
        drain.raise(Interruption(.drain, by: .signal), at: .testStart)
        #expect(drain.interruption == Interruption(.spotStop, by: .instanceMetadata))
    }
}

@Suite struct `A lease` {
    @Test func `is renewed with its message while the frame renders`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let time = testFarm.clock
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        for _ in 1...6 {
            await time.whenAsleep()
            time.advance(by: .seconds(30))
        }
        await time.whenAsleep()
        guard case .leased(let lease) = try await testFarm.task(1).state else {
            Issue.record("Three minutes of rendering outlive a lease of two that is renewed.")
            return
        }
        #expect(!lease.isExpired(at: time.now()))
        #expect(try await testFarm.queue.depth() == QueueDepth(visible: 0, inFlight: 1))
        drain.raise(Interruption(.drain, by: .signal), at: time.now())
        _ = try await reason
    }

    @Test func `that moved to another worker ends the render, and the late worker changes nothing`()
        async throws
    {
        let testFarm = try await TestFarm(frames: 1)
        let time = testFarm.clock
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let turn = loop.turn(until: drain)
        await engine.whenHanging()
        let id = TaskID(job: testFarm.job, number: 1)
        let away = Interruption(.spotTerminate, by: .eventBridge)
        _ = try await testFarm.farm.apply(.interrupt(FencingToken(1), away), to: id, at: time.now())
        try await testFarm.leaseToOther(1)
        let held = try await testFarm.task(1)
        await time.whenAsleep()
        time.advance(by: .seconds(30))
        #expect(try await turn == .lost(id))
        #expect(try await testFarm.task(1) == held)
    }
}

@Suite struct `A job that a person pauses or cancels` {
    @Test func `ends its render within seconds when it is canceled`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.script(1, .hang)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let turn = loop.turn(until: drain)
        await engine.whenHanging()
        let id = TaskID(job: testFarm.job, number: 1)
        _ = try await testFarm.farm.apply(.cancel, to: id, at: testFarm.clock.now())
        await testFarm.clock.whenAsleep()
        testFarm.clock.advance(by: WorkerLimits().holdInterval)
        #expect(try await turn == .lost(id))
        #expect(try await testFarm.task(1).state == .canceled)
        #expect(testFarm.clock.now() - .testStart <= .seconds(5))
    }

    @Test func `costs one read for each check, and a renewal only when it is due`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        testFarm.engine.script(1, .wait)
        let (loop, drain, engine) = (testFarm.loop, testFarm.drain, testFarm.engine)
        async let turn = loop.turn(until: drain)
        await engine.whenHanging()
        let reads = testFarm.faults.callCount(of: .readTask)
        let writes = testFarm.faults.callCount(of: .commitTask)
        for _ in 1...7 {
            await testFarm.clock.whenAsleep()
            testFarm.clock.advance(by: .seconds(4))
        }
        await testFarm.clock.whenAsleep()
        #expect(testFarm.faults.callCount(of: .readTask) == reads + 7)
        #expect(testFarm.faults.callCount(of: .commitTask) == writes)
        testFarm.clock.advance(by: .seconds(4))
        await testFarm.clock.whenAsleep()
        #expect(testFarm.faults.callCount(of: .commitTask) == writes + 1)
        engine.release()
        #expect(try await turn == .rendered(TaskID(job: testFarm.job, number: 1), frameCount: 1))
    }

    @Test func `begins no task while it is paused, and its messages are dropped`() async throws {
        let testFarm = try await TestFarm(frames: 2)
        try await testFarm.farm.apply(.pause, to: testFarm.job, at: testFarm.clock.now())
        for number in 1...2 {
            #expect(
                try await testFarm.turn() == .dropped(TaskID(job: testFarm.job, number: number)))
        }
        #expect(await testFarm.queue.messages.isEmpty)
        #expect(try await testFarm.task(1).state == .queued)
        #expect(testFarm.engine.requests.isEmpty)
    }
}

@Suite struct `A worker without its services` {
    @Test func `waits, retries, and gives up after a bound`() async throws {
        let testFarm = try await TestFarm(frames: 1, leaping: true)
        testFarm.faults.breakDown(.receiveMessages)
        await #expect(throws: PortError.self) { try await testFarm.loop.run(until: testFarm.drain) }
        #expect(testFarm.faults.callCount(of: .receiveMessages) == WorkerLimits().faultsInARowMax)
    }
}

@Suite struct `A worker's disk` {
    @Test func `is cleared of files that a killed worker left`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let left = testFarm.directory.appending(path: "attempts/old.1.1/frames")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        testFarm.drain.raise(Interruption(.drain, by: .signal), at: .testStart)
        _ = try await testFarm.loop.run(until: testFarm.drain)
        #expect(try testFarm.leftovers().isEmpty)
    }

    @Test func `removes older scenes for the needed one when it is full`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let scenes = testFarm.directory.appending(path: "scenes")
        let old = scenes.appending(path: "old.blend")
        try FileManager.default.createDirectory(at: scenes, withIntermediateDirectories: true)
        try Data("old".utf8).write(to: old)
        testFarm.faults.fail(.downloadScene, with: PortError(.disk, "download", "No space left"))
        let task = TaskID(job: testFarm.job, number: 1)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 1))
        #expect(!FileManager.default.fileExists(atPath: old.path()))
    }

    @Test func `ends the worker before it fails every task when it stays full`() async throws {
        let testFarm = try await TestFarm(frames: 30, leaping: true)
        testFarm.faults.breakDown(
            .downloadScene, with: PortError(.disk, "download", "No space left"))
        let start = testFarm.time.now()
        await #expect(throws: PortError.self) { try await testFarm.loop.run(until: testFarm.drain) }
        #expect(testFarm.faults.callCount(of: .downloadScene) == WorkerLimits().faultsInARowMax)
        // The worker paused between them, so other workers could take them.
        #expect(testFarm.time.now() - start > .seconds(60))
    }
}
