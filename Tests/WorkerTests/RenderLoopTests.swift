import Farm
import FarmTesting
import Foundation
import Synchronization
import Testing
import Worker

@Suite struct `A worker's turn` {
    @Test func `renders a task, stores its frames and deletes the message last`() async throws {
        let bench = try await Bench(frames: 2, chunk: 2)
        let task = TaskID(job: bench.job, number: 1)
        #expect(try await bench.turn() == .rendered(task, frameCount: 2))
        #expect(await bench.frames.frames.keys.sorted() == [bench.key(1), bench.key(2)])
        #expect(try await bench.task(1).state == .succeeded)
        #expect(await bench.queue.messages.isEmpty)
        let job = try #require(try await bench.farm.job(bench.job))
        #expect(job.state == .succeeded)
        #expect(job.tally.renderMilliseconds == 500)
        let attempt = try #require(try await bench.farm.attempts(of: bench.job).first)
        #expect(attempt.report?.logKey == task.logKey(FencingToken(1)))
        #expect(attempt.report?.blender == BlenderVersion("4.5.1"))
        #expect(try bench.leftovers().isEmpty)
    }

    @Test func `tells its phases, which add up to the attempt's time`() async throws {
        let bench = try await Bench(frames: 2, chunk: 2)
        let clock = bench.clock
        // A render of 250 ms, and as much beyond it as is told here.
        bench.engine.script(1, .after({ clock.advance(by: .milliseconds(750)) }, .render))
        bench.engine.script(2, .after({ clock.advance(by: .milliseconds(250)) }, .render))
        _ = try await bench.turn()
        let attempt = try #require(try await bench.farm.attempts(of: bench.job).first)
        let phases = AttemptPhases([attempt])
        #expect(phases[.render] == .milliseconds(480) && phases[.synchronize] == .milliseconds(20))
        #expect(phases[.store] == .milliseconds(500))
        #expect(phases.total == attempt.end - attempt.start)
        #expect(attempt.report?.use.memoryPeak == 300 << 20)
        #expect(attempt.report?.use.device == "CPU")
    }

    @Test func `fails where no Blender fits, and fetches nothing`() async throws {
        let bench = try await Bench(frames: 1)
        bench.engine.versions.withLock { $0 = [] }
        let turn = try await bench.turn()
        guard case .failed(_, let failure) = turn else {
            Issue.record("It was \(turn).")
            return
        }
        #expect(failure.kind == .scene)
        #expect(bench.faults.callCount(of: .downloadScene) == 0)
    }

    @Test func `waits when there is nothing to do`() async throws {
        let bench = try await Bench(frames: 1, leaping: true)
        await bench.farm.remove(bench.job)
        _ = try await bench.turn()
        #expect(try await bench.turn() == .idle)
    }

    @Test func `downloads a scene once for all its tasks`() async throws {
        let bench = try await Bench(frames: 3)
        for _ in 1...3 { _ = try await bench.turn() }
        #expect(bench.faults.callCount(of: .downloadScene) == 1)
        #expect(try await bench.farm.job(bench.job)?.state == .succeeded)
    }

    @Test func `drops a doubled message`() async throws {
        let bench = try await Bench(frames: 1)
        let message = try await bench.task(1).message
        _ = try await bench.turn()
        try await bench.queue.send([message], after: .zero)
        #expect(try await bench.turn() == .dropped(message.task))
        #expect(await bench.frames.storeCounts == [bench.key(1): 1])
        #expect(await bench.queue.messages.isEmpty)
    }

    @Test(arguments: [true, false])
    func `leaves what is interrupted too often to On-Demand workers, if there may be any`(
        _ hasOnDemand: Bool
    ) async throws {
        let bench = try await Bench(frames: 1, limits: Limits(hasOnDemand: hasOnDemand))
        let ledger = TaskLedger(
            jobs: bench.farm, tasks: bench.farm, queue: InMemoryTaskQueue(time: bench.time),
            time: bench.time)
        let id = TaskID(job: bench.job, number: 1)
        for token in 1...11 {
            let until = bench.time.now() + .seconds(120)
            try await ledger.apply(.lease(Bench.me.id, Bench.me.pool, until: until), to: id)
            let notice = Interruption(.spotTerminate, by: .eventBridge)
            try await ledger.apply(.interrupt(FencingToken(token), notice), to: id)
        }
        guard hasOnDemand else {
            #expect(try await bench.turn() == .rendered(id, frameCount: 1))
            return
        }
        // The message in the shared lane is from before.
        #expect(try await bench.turn() == .dropped(id))
        #expect(try await bench.task(1).state == .queued)
        #expect(await bench.queue.messages.map(\.lane) == [.onDemand])
    }

    @Test func `drops a message for a task that another worker holds`() async throws {
        let bench = try await Bench(frames: 1)
        try await bench.leaseToOther(1)
        #expect(try await bench.turn() == .dropped(TaskID(job: bench.job, number: 1)))
        #expect(bench.engine.requests.isEmpty)
    }

    @Test func `requeues a task whose holder fell silent`() async throws {
        let bench = try await Bench(frames: 1)
        try await bench.leaseToOther(1)
        bench.clock.advance(by: .seconds(121))
        _ = try await bench.turn()
        #expect(try await bench.task(1).state == .queued)
        #expect(
            try await bench.turn() == .rendered(TaskID(job: bench.job, number: 1), frameCount: 1))
    }

    @Test func `drops a message for a job that is gone`() async throws {
        let bench = try await Bench(frames: 1)
        await bench.farm.remove(bench.job)
        #expect(try await bench.turn() == .dropped(TaskID(job: bench.job, number: 1)))
        #expect(await bench.queue.messages.isEmpty)
    }

    @Test func `does not render again what an earlier attempt stored`() async throws {
        let bench = try await Bench(frames: 3, chunk: 3)
        bench.engine.script(3, .fail(RenderFailure(.crashed, "signal 11")))
        _ = try await bench.turn()
        bench.engine.script(3, .render)
        bench.clock.advance(by: RetryPolicy.othersFirst)
        let task = TaskID(job: bench.job, number: 1)
        #expect(try await bench.turn() == .rendered(task, frameCount: 1))
        #expect(bench.engine.requests.last?.frames == (try FrameRange(first: 3, last: 3)))
        #expect(await bench.frames.storeCounts.values.allSatisfy { $0 == 1 })
    }
}

@Suite struct `A task that can't be rendered` {
    @Test func `is left to other workers, who take it at once`() async throws {
        let bench = try await Bench(frames: 1)
        let task = TaskID(job: bench.job, number: 1)
        bench.engine.script(1, .fail(RenderFailure(.memory, "signal 9")))
        _ = try await bench.turn()
        for _ in 1...3 {
            bench.clock.advance(by: .seconds(15))
            #expect(try await bench.turn() == .leftToOthers(task))
        }
        #expect(bench.engine.requests.count == 1)
        #expect(await bench.queue.messages.count == 1)
        bench.clock.advance(by: .seconds(10))
        try await bench.finishByAnother()
        #expect(try await bench.task(1).state == .succeeded)
    }

    @Test func `is taken by the worker that failed it when no other comes`() async throws {
        let bench = try await Bench(frames: 1)
        let task = TaskID(job: bench.job, number: 1)
        bench.engine.script(1, .fail(RenderFailure(.crashed, "signal 11")))
        _ = try await bench.turn()
        bench.engine.script(1, .render)
        bench.clock.advance(by: RetryPolicy.othersFirst)
        #expect(try await bench.turn() == .rendered(task, frameCount: 1))
    }

    @Test func `is tried again, then failed with the reason, and its log kept`() async throws {
        let bench = try await Bench(frames: 1)
        let failure = RenderFailure(.noPicture, "Blender ended, but frame 1 is not there.")
        bench.engine.script(1, .fail(failure))
        let task = TaskID(job: bench.job, number: 1)
        for _ in 1...3 {
            #expect(try await bench.turn() == .failed(task, failure))
            bench.clock.advance(by: RetryPolicy.othersFirst)
        }
        #expect(try await bench.task(1).state == .failed(failure))
        #expect(await bench.queue.deadLetters == [task])
        #expect(await bench.queue.messages.isEmpty)
        guard case .failed = try await bench.farm.job(bench.job)?.state else {
            Issue.record("A job whose only task failed is failed.")
            return
        }
    }

    @Test func `says so when a frame can't be stored`() async throws {
        let bench = try await Bench(frames: 1)
        let denied = PortError(.denied, "store frame 1", "s3:PutObject is not allowed")
        bench.faults.fail(.storeFrame, with: denied)
        guard case .failed(_, let failure) = try await bench.turn() else {
            Issue.record("A frame that was not stored is not rendered.")
            return
        }
        #expect(failure.kind == .store)
        #expect(failure.message.contains("s3:PutObject"))
        #expect(try await bench.task(1).state == .queued)
    }

    @Test func `says so when the disk is full`() async throws {
        let bench = try await Bench(frames: 1)
        bench.faults.fail(
            .downloadScene, with: PortError(.disk, "download the scene", "No space left"))
        guard case .failed(_, let failure) = try await bench.turn() else {
            Issue.record("Without its scene a task can't be rendered.")
            return
        }
        #expect(failure.kind == .disk)
    }

    @Test func `keeps its message when the outcome can't be written`() async throws {
        let bench = try await Bench(frames: 1)
        // The first commit is the lease, the second the success.
        bench.faults.fail(.commitTask, onCall: 2)
        await #expect(throws: PortError.self) { try await bench.turn() }
        #expect(await bench.queue.messages.count == 1)
        #expect(await bench.frames.frames.count == 1)
    }
}

@Suite struct `A drain` {
    @Test(arguments: [
        Interruption(.spotTerminate, by: .instanceMetadata), Interruption(.drain, by: .signal),
    ])
    func `in the middle of a frame hands the task back`(_ away: Interruption) async throws {
        let bench = try await Bench(frames: 2, chunk: 2)
        bench.engine.script(2, .hang)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        drain.raise(away, at: .testStart)
        #expect(try await reason == away)
        let task = try await bench.task(1)
        #expect(task.state == .queued)
        #expect(task.interruptionCount == 1 && task.failures.isEmpty)
        #expect(await bench.queue.messages == [task.message])
        #expect(await bench.frames.frames.keys.sorted() == [bench.key(1)])
        #expect(try await bench.workers.worker(Bench.me.id)?.state == .draining)
        #expect(try bench.leftovers().isEmpty)
    }

    @Test func `before a turn takes no task`() async throws {
        let bench = try await Bench(frames: 1)
        let away = Interruption(.drain, by: .signal)
        bench.drain.raise(away, at: bench.time.now())
        #expect(try await bench.loop.run(until: bench.drain) == away)
        #expect(try await bench.task(1).state == .queued)
        // A message that came at that moment is given back at once.
        #expect(try await bench.turn() == .idle)
        #expect(try await bench.queue.depth().visible == 1)
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
        let bench = try await Bench(frames: 1)
        let time = bench.clock
        bench.engine.script(1, .hang)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        for _ in 1...6 {
            await time.whenAsleep()
            time.advance(by: .seconds(30))
        }
        await time.whenAsleep()
        guard case .leased(let lease) = try await bench.task(1).state else {
            Issue.record("Three minutes of rendering outlive a lease of two that is renewed.")
            return
        }
        #expect(!lease.isExpired(at: time.now()))
        #expect(try await bench.queue.depth() == QueueDepth(visible: 0, inFlight: 1))
        drain.raise(Interruption(.drain, by: .signal), at: time.now())
        _ = try await reason
    }

    @Test func `that went to another ends the render, and the late worker changes nothing`()
        async throws
    {
        let bench = try await Bench(frames: 1)
        let time = bench.clock
        bench.engine.script(1, .hang)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let turn = loop.turn(until: drain)
        await engine.whenHanging()
        let id = TaskID(job: bench.job, number: 1)
        let away = Interruption(.spotTerminate, by: .eventBridge)
        _ = try await bench.farm.apply(.interrupt(FencingToken(1), away), to: id, at: time.now())
        try await bench.leaseToOther(1)
        let held = try await bench.task(1)
        await time.whenAsleep()
        time.advance(by: .seconds(30))
        #expect(try await turn == .lost(id))
        #expect(try await bench.task(1) == held)
    }
}

@Suite struct `A job that a person steers` {
    @Test func `when canceled has its render ended within seconds`() async throws {
        let bench = try await Bench(frames: 1)
        bench.engine.script(1, .hang)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let turn = loop.turn(until: drain)
        await engine.whenHanging()
        let id = TaskID(job: bench.job, number: 1)
        _ = try await bench.farm.apply(.cancel, to: id, at: bench.clock.now())
        await bench.clock.whenAsleep()
        bench.clock.advance(by: Limits().holdInterval)
        #expect(try await turn == .lost(id))
        #expect(try await bench.task(1).state == .canceled)
        #expect(bench.clock.now() - .testStart <= .seconds(5))
    }

    @Test func `costs one read a look, and a renewal only when it is due`() async throws {
        let bench = try await Bench(frames: 1)
        bench.engine.script(1, .wait)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let turn = loop.turn(until: drain)
        await engine.whenHanging()
        let reads = bench.faults.callCount(of: .readTask)
        let writes = bench.faults.callCount(of: .commitTask)
        for _ in 1...7 {
            await bench.clock.whenAsleep()
            bench.clock.advance(by: .seconds(4))
        }
        await bench.clock.whenAsleep()
        #expect(bench.faults.callCount(of: .readTask) == reads + 7)
        #expect(bench.faults.callCount(of: .commitTask) == writes)
        bench.clock.advance(by: .seconds(4))
        await bench.clock.whenAsleep()
        #expect(bench.faults.callCount(of: .commitTask) == writes + 1)
        engine.release()
        #expect(try await turn == .rendered(TaskID(job: bench.job, number: 1), frameCount: 1))
    }

    @Test func `has no task begun while it is paused, and its messages dropped`() async throws {
        let bench = try await Bench(frames: 2)
        try await bench.farm.apply(.pause, to: bench.job, at: bench.clock.now())
        for number in 1...2 {
            #expect(try await bench.turn() == .dropped(TaskID(job: bench.job, number: number)))
        }
        #expect(await bench.queue.messages.isEmpty)
        #expect(try await bench.task(1).state == .queued)
        #expect(bench.engine.requests.isEmpty)
    }
}

@Suite struct `A worker without its services` {
    @Test func `waits, tries again, and gives up after a bound`() async throws {
        let bench = try await Bench(frames: 1, leaping: true)
        bench.faults.breakDown(.receiveMessages)
        await #expect(throws: PortError.self) { try await bench.loop.run(until: bench.drain) }
        #expect(bench.faults.callCount(of: .receiveMessages) == Limits().faultsInARowMax)
    }
}

@Suite struct `A worker's disk` {
    @Test func `is cleared of what a killed worker left`() async throws {
        let bench = try await Bench(frames: 1)
        let left = bench.directory.appending(path: "attempts/old.1.1/frames")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
        bench.drain.raise(Interruption(.drain, by: .signal), at: .testStart)
        _ = try await bench.loop.run(until: bench.drain)
        #expect(try bench.leftovers().isEmpty)
    }

    @Test func `when full gives up older scenes for the one that is needed`() async throws {
        let bench = try await Bench(frames: 1)
        let scenes = bench.directory.appending(path: "scenes")
        let old = scenes.appending(path: "old.blend")
        try FileManager.default.createDirectory(at: scenes, withIntermediateDirectories: true)
        try Data("old".utf8).write(to: old)
        bench.faults.fail(.downloadScene, with: PortError(.disk, "download", "No space left"))
        let task = TaskID(job: bench.job, number: 1)
        #expect(try await bench.turn() == .rendered(task, frameCount: 1))
        #expect(!FileManager.default.fileExists(atPath: old.path()))
    }

    @Test func `when it stays full ends the worker before it fails every task`() async throws {
        let bench = try await Bench(frames: 30, leaping: true)
        bench.faults.breakDown(
            .downloadScene, with: PortError(.disk, "download", "No space left"))
        let start = bench.time.now()
        await #expect(throws: PortError.self) { try await bench.loop.run(until: bench.drain) }
        #expect(bench.faults.callCount(of: .downloadScene) == Limits().faultsInARowMax)
        // It waited between them, so that others could take them.
        #expect(bench.time.now() - start > .seconds(60))
    }
}
