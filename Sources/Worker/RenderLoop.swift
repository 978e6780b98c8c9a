internal import Operations
package import Farm
package import Logging

/// Leases tasks, renders them and reports the outcome, until it is told to drain.
///
///     receive ─▶ lease ─▶ fetch scene ─▶ render ─▶ store frames ─▶ succeed ─▶ delete message
///                  │                       │
///                  └ held: drop            └ drain: finish or hand back, stop
///
/// SQS delivers at least once, so a message is only a hint: the lease in the task store decides who
/// renders. A frame already stored is not rendered again. The message is deleted last, and only by
/// who moved the task: so a worker that dies at any point leaves a message for the work it leaves.
package struct RenderLoop: Sendable {
    let worker: WorkerID
    let pool: Pool
    let lifecycle: WorkerRecord.Lifecycle
    let ports: Ports
    let heartbeat: WorkerHeartbeat
    let directory: String
    let limits: WorkerLimits
    let operations: TaskOperations
    let scenes: SceneCache
    let keeper: NoticeRecorder
    let log: Logger

    /// - Parameter directory: where scenes and pictures are kept meanwhile; made when missing.
    package init(
        worker: WorkerRecord, ports: Ports, heartbeat: WorkerHeartbeat, directory: String,
        limits: WorkerLimits = WorkerLimits(), log: Logger
    ) {
        self.worker = worker.id
        pool = worker.pool
        lifecycle = worker.lifecycle
        self.ports = ports
        self.heartbeat = heartbeat
        self.directory = directory
        self.limits = limits
        self.log = log
        operations = TaskOperations(
            jobs: ports.jobs, tasks: ports.tasks, queue: ports.queue, time: ports.time)
        scenes = SceneCache(
            scenes: ports.scenes, directory: directory, scenesMax: limits.cachedScenesMax)
        keeper = NoticeRecorder(
            worker: worker.id, notices: ports.notices, time: ports.time, log: log)
    }

    private var lanes: [QueueLane] {
        QueueLane.lanes(for: lifecycle, hasOnDemand: limits.hasOnDemand)
    }

    /// Returns after a drain, with its reason; throws when the services stay out of reach.
    package func run(until drain: DrainSignal) async throws(PortError) -> Interruption {
        // A scene stays open from one task to the next, and none once the last has ended.
        try await ports.engine.withResidentBlender { () async throws(PortError) in
            try await takeTurns(until: drain)
        }
    }

    private func takeTurns(until drain: DrainSignal) async throws(PortError) -> Interruption {
        try Workspace.clear(attempts)
        try await heartbeat.register()
        await heartbeat.transition(.idle)
        var faults = 0
        var sickTurns = 0
        var isKept = false
        while true {
            if await heartbeat.isRetired {
                drain.raise(Interruption(.scaleIn, by: .retirement), at: ports.time.now())
            }
            if let drain = drain.drain {
                await heartbeat.transition(.finish)
                if !isKept { await keeper.keep(drain) }
                return drain.interruption
            }
            let turn: Turn
            do {
                turn = try await self.turn(until: drain)
            } catch {
                faults += 1
                log.error("a turn failed", metadata: ["error": "\(error)", "inARow": "\(faults)"])
                guard faults < limits.faultsInARowMax else { throw error }
                await pause(for: delay(afterFaults: faults), unless: drain)
                continue
            }
            faults = 0
            isKept = drain.drain != nil && turn.isRender
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
        case .failed(_, let failure) where failure.kind.errorClass == .machine:
            let count = sickTurns + 1
            guard count < limits.faultsInARowMax else {
                throw PortError(
                    .disk, "render on this machine",
                    "\(count) tasks in a row failed; the last: \(failure.message)")
            }
            await pause(for: delay(afterFaults: count), unless: drain)
            return count
        case .rendered, .failed:
            return 0
        case .postponed:
            await pause(for: limits.coolingPause, unless: drain)
            return sickTurns
        case .idle, .dropped, .leftToOthers, .handedBack, .lost:
            return sickTurns
        }
    }

    private func delay(afterFaults count: Int) -> Duration {
        min(.seconds(1) * (1 << min(count, 10)), limits.faultDelayMax)
    }

    /// Waits, but not past a drain.
    private func pause(for duration: Duration, unless drain: DrainSignal) async {
        await withTaskGroup { group in
            group.addTask { _ = await drain.wait() }
            group.addTask {
                // Canceled by the drain: either way the pause is over.
                do { try await ports.time.sleep(for: duration) } catch {}
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// One turn of the loop, apart so that tests and the simulation can step it.
    package func turn(until drain: DrainSignal) async throws(PortError) -> Turn {
        let received = try await ports.queue.receive(
            from: lanes, countMax: 1, wait: limits.receiveWait,
            hidden: limits.lease.duration)
        guard let received = received.first else {
            await heartbeat.transition(.idle)
            return .idle
        }
        try await hearHandler(drain)
        guard drain.interruption == nil else {
            // Taken after the drain began: visible to others at once.
            try await ports.queue.extend(received.receipt, by: .zero)
            return .idle
        }
        switch try await claim(received.message, isCooling: drain.isCooling(at: ports.time.now())) {
        case .leased(let task, let job, let settings):
            // Not idle after it: most often the next message is there already.
            return try await render(task, settings, of: job, received.receipt, until: drain)
        case .barred:
            try await ports.queue.extend(received.receipt, by: .zero)
            return .idle
        case .tooLong:
            await heartbeat.transition(.idle)
            try await ports.queue.extend(received.receipt, by: .zero)
            return .postponed(received.message.task)
        case .forOthers:
            await heartbeat.transition(.idle)
            try await ports.queue.extend(received.receipt, by: limits.leavingDuration)
            return .leftToOthers(received.message.task)
        case .outOfDate:
            try await ports.queue.delete(received.receipt)
            return .dropped(received.message.task)
        }
    }

    /// A worker that is deaf to its instance's metadata hears of its end from the handler's note,
    /// and one that is started again on a doomed machine from its own.
    func hearHandler(_ drain: DrainSignal) async throws(PortError) {
        for notice in try await ports.notices.notices(of: worker) {
            guard let interruption = notice.interruption else { continue }
            drain.raise(interruption, at: ports.time.now(), deadline: notice.deadline)
        }
    }

    private enum Claim: Sendable {
        case leased(RenderTask, Job, RenderSettings)
        case tooLong
        case forOthers
        case outOfDate
        /// The scaler ends this instance, or a notice came.
        case barred
    }

    private func claim(
        _ message: TaskMessage, isCooling: Bool
    ) async throws(PortError) -> Claim {
        guard let job = try await ports.jobs.job(message.task.job), let settings = job.settings,
            // Whoever resumes a paused job sends its messages anew.
            let task = try await ports.tasks.task(message.task), job.allows(task)
        else { return .outOfDate }
        if case .leased(let lease) = task.state, lease.isExpired(at: ports.time.now()) {
            // Its worker fell silent. This sends a new message, which any worker may take.
            try await operations.apply(.expire, to: task.id)
            return .outOfDate
        }
        if isCooling, task.work == .frames, let frame = job.tally.secondsPerFrame,
            frame * Double(task.frames.count) / Double(task.share.count)
                > limits.coolTaskDurationMax.seconds
        {
            return .tooLong
        }
        guard case .queued = task.state else { return .outOfDate }
        guard lanes.contains(task.lane) else {
            // An old message of a task that has since become one for On-Demand: sent on to there.
            try await operations.apply(.remind, to: task.id)
            return .outOfDate
        }
        guard !task.isForOthers(than: worker, at: ports.time.now()) else { return .forOthers }
        guard try await heartbeat.begin(task.id) else { return .barred }
        // A message older than the task may be its last: whoever requeued it can have died before
        // sending another. The lease is refused unless the task waits, so an old one does no harm.
        let until = ports.time.now() + limits.lease.duration
        let outcome = try await operations.apply(
            .lease(worker, pool, until: until, pricePerHour: await heartbeat.pricePerHour),
            to: task.id)
        guard case .moved(let transition) = outcome else { return .outOfDate }
        if case .queued = job.state {
            try await ports.jobs.apply(.start, to: job.id, at: ports.time.now())
        }
        log.info("leased a task", metadata: metadata(transition.to))
        return .leased(transition.to, job, settings)
    }

    var attempts: String { directory + "/attempts" }
}
