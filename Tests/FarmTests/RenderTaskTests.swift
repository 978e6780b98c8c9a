import Farm
import FarmTesting
import Testing

private let retries = RetryPolicy(delayPerFailure: .seconds(5))
private let start = Timestamp.testStart
private let anna = WorkerID("i-0000000000000000a")
private let bert = WorkerID("i-0000000000000000b")
private let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

private func queuedTask() throws -> RenderTask {
    RenderTask(
        id: TaskID(job: JobID("shot-12345678"), number: 7),
        frames: try FrameRange(first: 13, last: 14))
}

/// A task leased `times` times, each lease but the last one interrupted.
private func leasedTask(times: Int = 1) throws -> RenderTask {
    var task = try queuedTask()
    for turn in 1...times {
        task = try task.apply(.lease(anna, pool, until: start + .seconds(120)), at: start).to
        if turn < times {
            let away = Interruption(.spotTerminate, by: .eventBridge)
            task = try task.apply(.interrupt(task.token, away), at: start).to
        }
    }
    return task
}

@Suite struct `A queued task` {
    @Test func `is leased to one worker, with a higher token`() throws {
        let until = start + .seconds(120)
        let moved = try queuedTask().apply(.lease(anna, pool, until: until), at: start)
        let lease = Lease(worker: anna, pool: pool, start: start, until: until)
        #expect(moved.to.state == .leased(lease))
        #expect(moved.to.token == FencingToken(1))
        #expect(moved.effects.isEmpty)
        #expect(moved.attempt == nil)
        #expect(moved.tally.isZero)
    }

    @Test func `is canceled, which may settle its job`() throws {
        let moved = try queuedTask().apply(.cancel, at: start)
        #expect(moved.to.state == .canceled)
        #expect(moved.effects == [.settleJob(moved.to.id.job)])
        #expect(moved.tally == JobTally(canceled: 1))
    }

    @Test func `is reminded: it waits on, and its message is sent again`() throws {
        let later = start + .seconds(600)
        let task = try queuedTask()
        let moved = try task.apply(.remind, at: later)
        #expect(moved.to.state == .queued && moved.to.token == task.token)
        #expect(moved.to.changed == later)
        #expect(moved.effects == [.enqueue(task.message, delay: .zero)])
        #expect(moved.attempt == nil)
        #expect(moved.tally.isZero)
        let leased = try leasedTask()
        #expect(throws: RenderTask.TransitionError.illegal(.remind, in: leased.state)) {
            try leased.apply(.remind, at: later)
        }
    }

    @Test func `cannot be ended by a worker that never had it`() throws {
        let task = try queuedTask()
        #expect(throws: RenderTask.TransitionError.stale(presented: .unleased, current: .unleased))
        {
            try task.apply(.succeed(.unleased, RenderReport()), at: start)
        }
        #expect(throws: RenderTask.TransitionError.illegal(.expire, in: .queued)) {
            try task.apply(.expire, at: start)
        }
    }
}

@Suite struct `A leased task` {
    @Test func `can't be leased again before its lease ends`() throws {
        let task = try leasedTask()
        let event = RenderTask.Event.lease(bert, pool, until: start + .seconds(300))
        #expect(throws: RenderTask.TransitionError.illegal(event, in: task.state)) {
            try task.apply(event, at: start + .seconds(500))
        }
    }

    @Test func `is renewed, never to an earlier time`() throws {
        let task = try leasedTask()
        let later = try task.apply(.renew(task.token, until: start + .seconds(150)), at: start).to
        let same = try later.apply(.renew(task.token, until: start + .seconds(130)), at: start).to
        guard case .leased(let lease) = same.state else {
            Issue.record("A renewed task is leased, but this one is \(same.state).")
            return
        }
        #expect(lease.until == start + .seconds(150))
        #expect(same.revision == task.revision + 2)
    }

    @Test func `succeeds with what was measured, and settles its job`() throws {
        let task = try leasedTask()
        let report = RenderReport(
            frameCount: 2, renderMilliseconds: 900, blankFrames: [2], byteCount: 10)
        let end = start + .seconds(3)
        let moved = try task.apply(.succeed(task.token, report), at: end)
        #expect(moved.to.state == .succeeded)
        #expect(moved.effects == [.settleJob(task.id.job)])
        #expect(
            moved.tally
                == JobTally(
                    succeeded: 1, frames: 2, measuredFrames: 2, renderMilliseconds: 900,
                    byType: [pool.instanceType: RenderTime(frames: 2, milliseconds: 900)],
                    blankFrames: 1))
        #expect(moved.attempt?.outcome == .succeeded)
        #expect(moved.attempt?.start == start)
        #expect(moved.attempt?.end == end)
    }

    @Test func `is for On-Demand workers once it was interrupted more than ten times`() throws {
        var task = try queuedTask()
        for count in 1...11 {
            let lease = RenderTask.Event.lease(anna, pool, until: start + .seconds(120))
            task = try task.apply(lease, at: start).to
            let notice = Interruption(.spotTerminate, by: .eventBridge)
            let moved = try task.apply(.interrupt(task.token, notice), at: start)
            task = moved.to
            let lane: QueueLane = count > 10 ? .onDemand : .shared
            let message = TaskMessage(task: task.id, token: task.token, lane: lane)
            #expect(moved.effects == [.enqueue(message, delay: .zero)])
        }
        #expect(try task.apply(.remind, at: start).effects.count == 1)
        #expect(task.message.lane == .onDemand)
    }

    @Test(
        arguments: [("0.36", "0.001"), ("0.1549", "0.000430278"), (nil, .zero)] as [(Money?, Money)]
    )
    func `costs its job what its instance costs meanwhile`(
        _ price: Money?, _ cost: Money
    ) throws {
        let lease = RenderTask.Event.lease(
            anna, pool, until: start + .seconds(120), pricePerHour: price)
        let task = try queuedTask().apply(lease, at: start).to
        let notice = Interruption(.spotTerminate, by: .eventBridge)
        let moved = try task.apply(.interrupt(task.token, notice), at: start + .seconds(10))
        #expect(moved.tally.cost == cost)
    }

    @Test func `fails into the queue, later each time, until its retries are spent`() throws {
        let failure = RenderFailure(.noPicture, "Blender ended and frame 13 is not there.")
        var task = try leasedTask()
        for count in 1...2 {
            let moved = try task.apply(
                .fail(task.token, failure, RenderReport()), at: start, retries: retries)
            #expect(moved.to.state == .queued)
            #expect(moved.to.failures.count == count)
            let message = TaskMessage(task: task.id, token: FencingToken(count))
            #expect(moved.effects == [.enqueue(message, delay: .seconds(5 * count))])
            #expect(moved.tally == JobTally(failures: 1))
            task = try moved.to.apply(.lease(bert, pool, until: start + .seconds(9)), at: start).to
        }
        let last = try task.apply(
            .fail(task.token, failure, RenderReport()), at: start, retries: retries)
        #expect(last.to.state == .failed(failure))
        #expect(
            last.effects == [
                .deadLetter(task.id, failure), .giveUpJob(task.id.job, failure),
                .settleJob(task.id.job),
            ])
        #expect(last.tally == JobTally(failed: 1, failures: 1))
    }

    @Test func `fails at once when the scene itself is at fault`() throws {
        let failure = RenderFailure(.scene, "The scene has no camera.")
        let task = try leasedTask()
        let moved = try task.apply(.fail(task.token, failure, RenderReport()), at: start)
        #expect(moved.to.state == .failed(failure))
    }

    @Test(arguments: Interruption.Cause.allCases, Interruption.Path.allCases)
    func `goes back to the queue when interrupted, and spends no retry`(
        _ cause: Interruption.Cause, _ path: Interruption.Path
    ) throws {
        let task = try leasedTask()
        let away = Interruption(cause, by: path)
        let moved = try task.apply(.interrupt(task.token, away), at: start)
        #expect(moved.to.state == .queued)
        #expect(moved.to.failures.isEmpty)
        #expect(moved.to.interruptionCount == 1)
        #expect(moved.effects == [.enqueue(moved.to.message, delay: .zero)])
        #expect(moved.attempt?.outcome == .interrupted(away))
    }

    @Test func `is requeued once when both notices arrive`() throws {
        let task = try leasedTask()
        let first = Interruption(.spotTerminate, by: .instanceMetadata)
        let second = Interruption(.spotTerminate, by: .eventBridge)
        let requeued = try task.apply(.interrupt(task.token, first), at: start).to
        #expect(
            throws: RenderTask.TransitionError.stale(presented: task.token, current: task.token)
        ) {
            try requeued.apply(.interrupt(task.token, second), at: start)
        }
    }

    @Test func `expires only when its time is over`() throws {
        let task = try leasedTask()
        #expect(throws: RenderTask.TransitionError.self) {
            try task.apply(.expire, at: start + .milliseconds(119_999))
        }
        let moved = try task.apply(.expire, at: start + .seconds(120))
        #expect(moved.to.state == .queued)
        #expect(moved.attempt?.outcome == .expired)
        #expect(moved.tally == JobTally(interruptions: 1))
    }

    @Test func `that is promised is left alone by a warning, until the deadline`() throws {
        let deadline = start + .seconds(100)
        let leased = try leasedTask()
        let task = try leased.apply(.promise(leased.token, until: deadline), at: start).to
        let warned = RenderTask.Event.interrupt(
            task.token, Interruption(.spotTerminate, by: .eventBridge))
        #expect(throws: RenderTask.TransitionError.promised(until: deadline)) {
            try task.apply(warned, at: start + .seconds(99))
        }
        #expect(try task.apply(warned, at: deadline).to.state == .queued)
        // Its own worker may change its mind, and an instance that is gone keeps no promise.
        for path in [
            Interruption.Path.instanceMetadata, .signal, .stateChange, .lifecycleHook,
        ] {
            let event = RenderTask.Event.interrupt(
                task.token, Interruption(.spotTerminate, by: path))
            #expect(try task.apply(event, at: start).to.state == .queued)
        }
        #expect(
            try task.apply(.succeed(task.token, RenderReport()), at: start).to.state == .succeeded)
    }

    @Test func `refuses the late write of an earlier holder`() throws {
        let task = try leasedTask(times: 2)
        let late = FencingToken(1)
        let events: [RenderTask.Event] = [
            .renew(late, until: start + .seconds(999)),
            .promise(late, until: start + .seconds(999)),
            .succeed(late, RenderReport()),
            .fail(late, RenderFailure(.crashed, "late"), RenderReport()),
            .interrupt(late, Interruption(.drain, by: .signal)),
        ]
        for event in events {
            #expect(throws: RenderTask.TransitionError.stale(presented: late, current: task.token))
            {
                try task.apply(event, at: start)
            }
        }
    }
}

@Suite struct `A terminal task` {
    @Test func `refuses every event`() throws {
        let leased = try leasedTask()
        let token = leased.token
        let failure = RenderFailure(.scene, "broken")
        let ends = [
            try leased.apply(.succeed(token, RenderReport()), at: start).to,
            try leased.apply(.fail(token, failure, RenderReport()), at: start).to,
            try leased.apply(.cancel, at: start).to,
        ]
        let events: [RenderTask.Event] = [
            .lease(bert, pool, until: start + .seconds(1)), .renew(token, until: start),
            .succeed(token, RenderReport()), .fail(token, failure, RenderReport()),
            .interrupt(token, Interruption(.drain, by: .signal)), .expire, .cancel,
        ]
        for task in ends {
            #expect(task.state.isTerminal)
            for event in events {
                #expect(throws: RenderTask.TransitionError.illegal(event, in: task.state)) {
                    try task.apply(event, at: start + .seconds(999))
                }
            }
        }
    }
}

@Suite struct `A retried task` {
    @Test func `waits with fresh budgets, and is not counted as ended any more`() throws {
        let failure = RenderFailure(.scene, "no camera")
        let leased = try leasedTask(times: 3)
        let failed = try leased.apply(.fail(leased.token, failure, RenderReport()), at: start)
        let moved = try failed.to.apply(.retry, at: start)
        #expect(moved.to.state == .queued)
        #expect(moved.to.failures.isEmpty && moved.to.interruptionCount == 0)
        #expect(moved.to.token == leased.token)
        #expect(moved.effects == [.enqueue(moved.to.message, delay: .zero)])
        #expect((failed.tally + moved.tally).terminalTasks == 0)
        let canceled = try queuedTask().apply(.cancel, at: start)
        let again = try canceled.to.apply(.retry, at: start)
        #expect((canceled.tally + again.tally).isZero)
    }

    @Test func `must have ended without success`() throws {
        let leased = try leasedTask()
        let done = try leased.apply(.succeed(leased.token, RenderReport()), at: start).to
        for task in [try queuedTask(), leased, done] {
            #expect(throws: RenderTask.TransitionError.illegal(.retry, in: task.state)) {
                try task.apply(.retry, at: start)
            }
        }
    }
}

@Suite struct `A frame's first share` {
    private func share(_ index: Int, of count: Int = 3) throws -> RenderTask {
        RenderTask(
            id: TaskID(job: JobID("shot-12345678"), number: 4 + index),
            frames: try FrameRange(first: 2, last: 2), share: SampleShare(index, of: count))
    }

    @Test func `counts the frame once, and its own success as none`() throws {
        let first = try share(0)
        #expect(try share(2).firstShare == first.id)
        let leased = try first.apply(.lease(anna, pool, until: start), at: start).to
        let done = try leased.apply(.succeed(leased.token, RenderReport()), at: start)
        #expect(done.tally == JobTally(succeeded: 1))
        for task in [first, leased, done.to] {
            let counted = try task.apply(.countFrame, at: start)
            #expect(counted.tally == JobTally(frames: 1))
            #expect(counted.to.state == task.state && counted.effects.isEmpty)
            #expect(throws: RenderTask.TransitionError.illegal(.countFrame, in: task.state)) {
                try counted.to.apply(.countFrame, at: start)
            }
        }
    }

    @Test func `alone counts the frame, and only where there are others`() throws {
        for task in [try share(1), try queuedTask()] {
            #expect(throws: RenderTask.TransitionError.self) {
                try task.apply(.countFrame, at: start)
            }
        }
    }
}

@Suite struct `Any sequence of events` {
    /// Events drawn from a seed, over one task: what must hold after each.
    @Test(arguments: 1...40)
    func `keeps the task's promises`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var task = try queuedTask()
        var now = start
        var attempts = 0
        var leases = 0
        var ends = 0
        for _ in 0..<200 {
            now = now + .seconds(Int.random(in: 0...60, using: &random))
            let token = FencingToken(Int.random(in: 0...leases + 1, using: &random))
            let event = try #require(Self.events(token, now).randomElement(using: &random))
            let before = task
            guard let moved = Self.step(task, event, now) else {
                #expect(task == before)
                continue
            }
            task = moved.to
            if case .lease = event { leases += 1 }
            attempts += moved.attempt == nil ? 0 : 1
            ends += task.state.isTerminal ? 1 : 0
            #expect(task.token >= before.token)
            #expect(task.revision == before.revision + 1)
            #expect(task.token.rawValue == leases)
        }
        let isLeased = if case .leased = task.state { 1 } else { 0 }
        #expect(attempts == leases - isLeased)
        #expect(ends <= 1)
    }

    private static func step(
        _ task: RenderTask, _ event: RenderTask.Event, _ now: Timestamp
    ) -> TaskTransition? {
        do {
            return try task.apply(event, at: now)
        } catch {
            return nil
        }
    }

    private static func events(_ token: FencingToken, _ now: Timestamp) -> [RenderTask.Event] {
        [
            .lease(anna, pool, until: now + .seconds(120)),
            .lease(bert, pool, until: now + .seconds(120)),
            .renew(token, until: now + .seconds(120)),
            .interrupt(token, Interruption(.spotTerminate, by: .instanceMetadata)),
            .interrupt(token, Interruption(.spotTerminate, by: .eventBridge)),
            .expire, .succeed(token, RenderReport(frameCount: 1)),
            .fail(token, RenderFailure(.crashed, "signal 11"), RenderReport()),
        ]
    }
}
