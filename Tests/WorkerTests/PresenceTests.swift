import Farm
import FarmTesting
import Logging
import Testing
import Worker

@Suite struct `A busy worker` {
    @Test func `is protected from its first lease until it finds no message`() async throws {
        let bench = try await Bench(frames: 2, leaping: true)
        let protection = bench.protection
        bench.engine.script(
            1, .after({ #expect(await protection.isProtected) }, .render))
        _ = try await bench.turn()
        // The next message is there already: a call for each task would be throttled.
        #expect(await protection.isProtected)
        let second = try await bench.turn()
        #expect(second.isRender)
        #expect(await protection.setCount == 1)
        #expect(try await bench.turn() == .idle)
        #expect(await !protection.isProtected)
        #expect(try await bench.workers.worker(Bench.me.id)?.state == .idle)
    }

    @Test func `says what it renders, and forgets it when idle`() async throws {
        let bench = try await Bench(frames: 2, chunk: 2, leaping: true)
        let task = TaskID(job: bench.job, number: 1)
        let workers = bench.workers
        bench.engine.script(
            1,
            .after(
                {
                    await expectNoThrow {
                        let progress = try await workers.progress
                        #expect(progress?.task == task)
                    }
                },
                .render))
        _ = try await bench.turn()
        #expect(try await bench.turn() == .idle)
        let progress = try await workers.progress
        #expect(progress == nil)
    }

    @Test func `says with each word how far its frame is`() async throws {
        let bench = try await Bench(frames: 1)
        let now = FrameProgress(frame: 1, samples: 3, samplesMax: 8)
        let presence = Presence(
            Bench.me,
            ports: Presence.Ports(
                workers: bench.workers, protection: bench.protection, prices: FixedPrices(nil),
                time: bench.time, frame: { now }),
            interval: .seconds(30), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await presence.register()
        #expect(try await bench.workers.worker(Bench.me.id)?.progress == nil)
        _ = try await presence.begin(TaskID(job: bench.job, number: 1))
        #expect(try await bench.workers.progress?.frame == now)
    }

    @Test func `that was retired begins nothing, and does not say that it does`() async throws {
        let bench = try await Bench(frames: 1)
        try await bench.presence.register()
        try await bench.workers.change(Bench.me.id) { $0.become(.retired, at: .testStart) }
        let turn = try await bench.turn()
        #expect(!turn.isRender)
        let worker = try #require(try await bench.workers.worker(Bench.me.id))
        #expect(worker.state == .retired && worker.progress == nil)
        #expect(try await bench.task(1).state == .queued)
    }

    @Test func `is not protected any more once it was warned`() async throws {
        let bench = try await Bench(frames: 1)
        bench.engine.script(1, .hang)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        #expect(await bench.protection.isProtected)
        drain.raise(Interruption(.spotTerminate, by: .instanceMetadata), at: .testStart)
        _ = try await reason
        #expect(await !bench.protection.isProtected)
        #expect(try await bench.workers.worker(Bench.me.id)?.state == .draining)
    }

    @Test func `renders though Auto Scaling refuses to protect it, and asks again`() async throws {
        let bench = try await Bench(frames: 1)
        bench.faults.breakDown(.protect)
        let turn = try await bench.turn()
        #expect(turn.isRender)
        bench.faults.mend(.protect)
        _ = await bench.presence.cool(until: .testStart + .seconds(1))
        #expect(await bench.protection.isProtected)
    }

    @Test func `begins no task when it can't say so`() async throws {
        let bench = try await Bench(frames: 1)
        bench.faults.breakDown(.saveWorker)
        await #expect(throws: PortError.self) { try await bench.turn() }
        #expect(try await bench.task(1).state == .queued)
        #expect(await bench.queue.messages.count == 1)
    }
}

@Suite struct `A retired worker` {
    @Test func `takes no task, and gives back the message it received`() async throws {
        let bench = try await Bench(frames: 1)
        try await bench.presence.register()
        await bench.presence.become(.idle)
        try await bench.workers.retire(Bench.me.id)
        #expect(try await bench.loop.turn(until: bench.drain) == .idle)
        #expect(try await bench.task(1).state == .queued)
        #expect(try await bench.queue.depth().visible == 1)
        #expect(await bench.presence.isRetired)
    }

    @Test func `stays so whatever it says, also when it is started again`() async throws {
        let bench = try await Bench(frames: 1)
        try await bench.presence.register()
        try await bench.workers.retire(Bench.me.id)
        await bench.presence.become(.idle)
        #expect(try await bench.workers.worker(Bench.me.id)?.state == .retired)
        let interruption = try await bench.loop.run(until: bench.drain)
        #expect(interruption == Interruption(.scaleIn, by: .retirement))
        #expect(try await bench.workers.worker(Bench.me.id)?.state == .retired)
        #expect(try await bench.task(1).state == .queued)
    }

    @Test func `finishes the task that it has, and is protected until then`() async throws {
        let bench = try await Bench(frames: 1)
        bench.engine.script(1, .wait)
        let (loop, drain, engine) = (bench.loop, bench.drain, bench.engine)
        async let reason = loop.run(until: drain)
        await engine.whenHanging()
        try await bench.workers.retire(Bench.me.id)
        // Any word of its own tells it.
        _ = await bench.presence.cool(until: .testStart)
        #expect(await bench.presence.isRetired)
        #expect(await bench.protection.isProtected)
        let workers = bench.workers
        let meanwhile = try await workers.progress
        #expect(meanwhile != nil)
        engine.release()
        #expect(try await reason == Interruption(.scaleIn, by: .retirement))
        #expect(try await bench.task(1).state == .succeeded)
        let after = try await workers.progress
        #expect(after == nil)
        #expect(await !bench.protection.isProtected)
    }

    /// The scaler's word and the worker's at once, in every order of their calls that chance gives.
    @Test(arguments: 0..<40) func `or a rendering one: never both`(_ round: Int) async throws {
        let bench = try await Bench(frames: 1)
        try await bench.presence.register()
        await bench.presence.become(.idle)
        let workers = bench.workers
        let read = try #require(try await workers.worker(Bench.me.id))
        var retired = read
        retired.become(.retired, at: .testStart)
        let word = retired
        let isWorkerLate = round.isMultiple(of: 2)
        async let turn = {
            if isWorkerLate { await Task.yield() }
            return try await bench.turn()
        }()
        async let saved = workers.save(word)
        let (wasRetired, wasRender) = (try await saved != nil, try await turn.isRender)
        #expect(wasRetired != wasRender)
        #expect(
            try await bench.task(1).state == (wasRetired ? .queued : .succeeded))
    }
}

extension WorkerStore {
    fileprivate var progress: WorkerRecord.Progress? {
        get async throws { try await worker(Bench.me.id)?.progress }
    }

    fileprivate func retire(_ id: WorkerID) async throws {
        try await change(id) { $0.become(.retired, at: .testStart) }
    }
}

private func expectNoThrow(_ body: () async throws -> Void) async {
    do {
        try await body()
    } catch {
        Issue.record("\(error)")
    }
}
