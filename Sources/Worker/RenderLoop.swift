package import Farm
package import Logging

/// Leases tasks, renders them and reports the outcome, until it is told to drain.
///
///     receive ─▶ lease ─▶ fetch scene ─▶ render ─▶ store frames ─▶ succeed ─▶ delete message
///                  │                       │
///                  └ held: drop            └ drain: hand back, stop
///
/// SQS delivers at least once, so a message is only a hint: the lease in the task store decides who
/// renders. A frame already stored is not rendered again. The message is deleted last, and only by
/// who moved the task: so a worker that dies at any point leaves a message for the work it leaves.
package struct RenderLoop: Sendable {
    /// What one turn came to.
    package enum Turn: Hashable, Sendable {
        case idle
        case rendered(TaskID, frameCount: Int)
        /// Another worker holds the lease, the task is settled or its job gone: a late message.
        case dropped(TaskID)
        case failed(TaskID, RenderFailure)
        case handedBack(TaskID, Interruption)
        /// The lease went to someone else while this worker rendered.
        case lost(TaskID)
    }

    private let worker: WorkerID
    private let pool: Pool
    private let ports: Ports
    private let presence: Presence
    private let directory: String
    private let limits: Limits
    private let ledger: TaskLedger
    private let scenes: SceneCache
    private let log: Logger

    /// - Parameter directory: where scenes and pictures are kept meanwhile; made when missing.
    package init(
        worker: WorkerRecord, ports: Ports, presence: Presence, directory: String,
        limits: Limits = Limits(), log: Logger
    ) {
        self.worker = worker.id
        pool = worker.pool
        self.ports = ports
        self.presence = presence
        self.directory = directory
        self.limits = limits
        self.log = log
        ledger = TaskLedger(
            jobs: ports.jobs, tasks: ports.tasks, queue: ports.queue, time: ports.time)
        scenes = SceneCache(
            scenes: ports.scenes, directory: directory + "/scenes",
            scenesMax: limits.cachedScenesMax)
    }

    /// Returns after a drain, with its reason; throws when the services stay out of reach.
    package func run(until drain: DrainSignal) async throws(PortError) -> Interruption {
        try Workspace.clear(attempts)
        try await presence.register()
        await presence.become(.idle)
        var faults = 0
        var sickTurns = 0
        while true {
            if let interruption = drain.interruption {
                await presence.become(.draining)
                return interruption
            }
            let turn: Turn
            do {
                turn = try await self.turn(until: drain)
            } catch {
                faults += 1
                log.error("a turn failed", metadata: ["error": "\(error)", "inARow": "\(faults)"])
                guard faults < limits.faultsInARowMax else { throw error }
                await pause(afterFaults: faults, unless: drain)
                continue
            }
            faults = 0
            sickTurns = try await soundOut(turn, after: sickTurns, unless: drain)
        }
    }

    /// How many tasks in a row this machine itself has failed, after this turn.
    ///
    /// It waits longer after each, and gives up at last: it would fail every task there is, sooner
    /// than sound workers can take them.
    private func soundOut(
        _ turn: Turn, after sickTurns: Int, unless drain: DrainSignal
    ) async throws(PortError) -> Int {
        switch turn {
        case .failed(_, let failure) where failure.kind.isOfMachine:
            let count = sickTurns + 1
            guard count < limits.faultsInARowMax else {
                throw PortError(
                    .disk, "render on this machine",
                    "\(count) tasks in a row failed; the last: \(failure.message)")
            }
            await pause(afterFaults: count, unless: drain)
            return count
        case .rendered, .failed:
            return 0
        case .idle, .dropped, .handedBack, .lost:
            return sickTurns
        }
    }

    private var attempts: String { directory + "/attempts" }

    /// Waits longer with each fault, but not past a drain.
    private func pause(afterFaults count: Int, unless drain: DrainSignal) async {
        let delay = min(.seconds(1) * (1 << min(count, 10)), limits.faultDelayMax)
        await withTaskGroup { group in
            group.addTask { _ = await drain.wait() }
            group.addTask {
                // Canceled by the drain: either way the pause is over.
                do { try await ports.time.sleep(for: delay) } catch {}
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// One turn of the loop, apart so that tests and the simulation can step it.
    package func turn(until drain: DrainSignal) async throws(PortError) -> Turn {
        let received = try await ports.queue.receive(
            most: 1, wait: limits.receiveWait, hidden: limits.lease.duration)
        guard let received = received.first else { return .idle }
        guard drain.interruption == nil else {
            // Taken after the drain began: visible to others at once.
            try await ports.queue.extend(received.receipt, by: .zero)
            return .idle
        }
        guard let (task, job, settings) = try await lease(received.message) else {
            try await ports.queue.delete(received.receipt)
            return .dropped(received.message.task)
        }
        await presence.become(.rendering)
        let turn = try await render(task, settings, of: job, received.receipt, until: drain)
        await presence.become(.idle)
        return turn
    }

    /// The leased task with its job, or `nil` when the message is out of date.
    private func lease(
        _ message: TaskMessage
    ) async throws(PortError) -> (RenderTask, Job, RenderSettings)? {
        guard let job = try await ports.jobs.job(message.task.job), let settings = job.settings,
            !job.state.isSettled, let task = try await ports.tasks.task(message.task)
        else { return nil }
        if case .leased(let lease) = task.state, lease.isExpired(at: ports.time.now()) {
            // Its worker fell silent. This sends a new message, which any worker may take.
            try await ledger.apply(.expire, to: task.id)
            return nil
        }
        // A message older than the task may be its last: whoever requeued it can have died before
        // sending another. The lease is refused unless the task waits, so an old one does no harm.
        let until = ports.time.now() + limits.lease.duration
        let outcome = try await ledger.apply(.lease(worker, pool, until: until), to: task.id)
        guard case .moved(let transition) = outcome else { return nil }
        if case .queued = job.state {
            try await ports.jobs.apply(.start, to: job.id, at: ports.time.now())
        }
        log.info("leased a task", metadata: metadata(transition.to))
        return (transition.to, job, settings)
    }

    private enum Ending: Sendable {
        case attempt(RenderAttempt.Ending)
        case drain(Interruption)
        case leaseLost
        case canceled
    }

    private func render(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, _ receipt: Receipt,
        until drain: DrainSignal
    ) async throws(PortError) -> Turn {
        let space: Workspace
        do {
            space = try Workspace(for: task.id, token: task.token, in: attempts)
        } catch {
            let failure = RenderFailure(.disk, error.description)
            return try await fail(task, failure, RenderReport(), receipt)
        }
        let ending = await race(task, settings, of: job, receipt, in: space, until: drain)
        let logKey = await storeLog(task, space)
        do {
            try space.remove()
        } catch {
            log.warning("left files behind", metadata: ["error": "\(error)"])
        }
        switch ending {
        case .attempt(.rendered(var report)):
            report.logKey = logKey
            return try await succeed(task, report, receipt)
        case .attempt(.failed(let failure, var report)):
            report.logKey = logKey
            return try await fail(task, failure, report, receipt)
        case .drain(let interruption):
            return try await handBack(task, interruption, receipt)
        case .attempt(.canceled), .canceled:
            return try await handBack(task, Interruption(.drain, by: .signal), receipt)
        case .leaseLost:
            return lost(task)
        }
    }

    /// Renders while the lease is kept and no drain begins; the first to end ends the others.
    private func race(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, _ receipt: Receipt,
        in space: Workspace, until drain: DrainSignal
    ) async -> Ending {
        let attempt = RenderAttempt(
            scenes: scenes, frames: ports.frames, engine: ports.engine, limits: limits)
        let keeper = LeaseKeeper(
            ledger: ledger, queue: ports.queue, terms: limits.lease, time: ports.time, log: log)
        return await withTaskGroup(of: Ending.self) { group in
            group.addTask { .attempt(await attempt.run(task, settings, of: job, in: space)) }
            group.addTask { await keeper.keep(task, receipt) ? .leaseLost : .canceled }
            group.addTask { await drain.wait().map(Ending.drain) ?? .canceled }
            let first = await group.next() ?? .canceled
            group.cancelAll()
            return first
        }
    }

    /// A log that can't be stored is no reason to render again.
    private func storeLog(_ task: RenderTask, _ space: Workspace) async -> String? {
        do {
            guard let text = try space.logTail(bytesMax: limits.logBytesMax) else { return nil }
            return try await ports.frames.storeLog(text, of: task.id, token: task.token)
        } catch {
            log.warning("could not store a log", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func succeed(
        _ task: RenderTask, _ report: RenderReport, _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        let outcome = try await ledger.apply(.succeed(task.token, report), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(receipt)
        await presence.count(frames: report.frameCount)
        log.info("rendered a task", metadata: metadata(task))
        return .rendered(task.id, frameCount: report.frameCount)
    }

    private func fail(
        _ task: RenderTask, _ failure: RenderFailure, _ report: RenderReport, _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        var facts = metadata(task)
        facts["kind"] = "\(failure.kind.rawValue)"
        facts["reason"] = "\(failure.message)"
        log.error("a task failed", metadata: facts)
        let outcome = try await ledger.apply(.fail(task.token, failure, report), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(receipt)
        return .failed(task.id, failure)
    }

    private func handBack(
        _ task: RenderTask, _ interruption: Interruption, _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        let outcome = try await ledger.apply(.interrupt(task.token, interruption), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(receipt)
        log.warning("handed a task back", metadata: metadata(task))
        return .handedBack(task.id, interruption)
    }

    /// Someone else moved the task. The message stays: it comes back, and is dropped then unless the
    /// task waits with no other message.
    private func lost(_ task: RenderTask) -> Turn {
        log.warning("lost a lease while rendering", metadata: metadata(task))
        return .lost(task.id)
    }

    private func metadata(_ task: RenderTask) -> Logger.Metadata {
        [
            "job": "\(task.id.job)", "task": "\(task.id.number)", "token": "\(task.token)",
            "frames": "\(task.frames)", "worker": "\(worker)",
        ]
    }
}
