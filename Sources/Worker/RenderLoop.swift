internal import Operations
package import Farm
package import Logging

/// Leases tasks, renders them and reports the outcome, until a drain begins.
///
///     receive ─▶ lease ─▶ fetch scene ─▶ render ─▶ store frames ─▶ succeed ─▶ delete message
///                  │                       │
///                  └ held: drop            └ drain: finish or hand back, stop
///
/// SQS delivers at least once, so a message is only a hint: the lease in the task store decides
/// which worker renders. A stored frame is not rendered again. The worker that moved the task
/// deletes the message last. A worker that dies before leaves the message, so another worker takes
/// over the task.
package struct RenderLoop: Sendable {
    let worker: WorkerID
    let pool: Pool
    let lifecycle: WorkerRecord.Lifecycle
    let ports: Ports
    let heartbeat: WorkerHeartbeat
    let directory: String
    let limits: WorkerLimits
    let operations: TaskOperations
    let sceneCache: SceneCache
    let recorder: NoticeRecorder
    let log: Logger

    /// - Parameter directory: Holds scenes and pictures while the worker runs; made when missing.
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
        sceneCache = SceneCache(
            scenes: ports.scenes, directory: directory, scenesMax: limits.cachedScenesMax)
        recorder = NoticeRecorder(
            worker: worker.id, notices: ports.notices, time: ports.time, log: log)
    }

    private var lanes: [QueueLane] {
        QueueLane.lanes(for: lifecycle, hasOnDemand: limits.hasOnDemand)
    }

    /// Returns the reason of the drain that ended the loop. Throws when the services stay
    /// unreachable.
    package func run(until drain: DrainSignal) async throws(PortError) -> Interruption {
        // A scene stays open from one task to the next and closes after the last task.
        try await ports.engine.withResidentBlender { () async throws(PortError) in
            try await takeTurns(until: drain)
        }
    }

    private func takeTurns(until drain: DrainSignal) async throws(PortError) -> Interruption {
        try Workspace.clear(attempts)
        try await heartbeat.register()
        await heartbeat.transition(.idle)
        var faults = 0
        var machineFailures = 0
        var isRecorded = false
        while true {
            if await heartbeat.isRetired {
                drain.raise(Interruption(.scaleIn, by: .retirement), at: ports.time.now())
            }
            if let drain = drain.drain {
                await heartbeat.transition(.finish)
                if !isRecorded { await recorder.record(drain) }
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
            isRecorded = drain.drain != nil && turn.isRender
            machineFailures = try await countMachineFailures(
                turn, after: machineFailures, unless: drain)
        }
    }

    /// How many tasks in a row have failed because of this machine, this turn included.
    ///
    /// The worker waits longer after each of them and finally gives up. A broken machine would fail
    /// every task faster than other workers can take them.
    private func countMachineFailures(
        _ turn: Turn, after failures: Int, unless drain: DrainSignal
    ) async throws(PortError) -> Int {
        switch turn {
        case .failed(_, let failure) where failure.kind.errorClass == .machine:
            let count = failures + 1
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
            return failures
        case .idle, .dropped, .leftToOthers, .handedBack, .lost:
            return failures
        }
    }

    private func delay(afterFaults count: Int) -> Duration {
        min(.seconds(1) * (1 << min(count, 10)), limits.faultDelayMax)
    }

    /// Waits, at most until a drain begins.
    private func pause(for duration: Duration, unless drain: DrainSignal) async {
        await withTaskGroup { group in
            group.addTask { _ = await drain.wait() }
            group.addTask {
                // A drain cancels the sleep. The pause is over in both cases.
                do { try await ports.time.sleep(for: duration) } catch {}
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// One turn of the loop. Tests and the simulation call it to go step by step.
    package func turn(until drain: DrainSignal) async throws(PortError) -> Turn {
        let received = try await ports.queue.receive(
            from: lanes, countMax: 1, wait: limits.receiveWait,
            hidden: limits.lease.duration)
        guard let received = received.first else {
            await heartbeat.transition(.idle)
            return .idle
        }
        try await readHandlerNotices(drain)
        guard drain.interruption == nil else {
            // The message came after the drain began: other workers can see it at once.
            try await ports.queue.extend(received.receipt, by: .zero)
            return .idle
        }
        switch try await claim(received, isCooling: drain.isCooling(at: ports.time.now())) {
        case .leased(let leased):
            // The state stays `rendering`: mostly the next message is already waiting.
            return try await render(leased, until: drain)
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

    /// Raises the drain for notices that the interruption handler has stored. A worker needs them
    /// when it cannot read the instance metadata, or when it restarts on an instance that is
    /// ending.
    func readHandlerNotices(_ drain: DrainSignal) async throws(PortError) {
        for notice in try await ports.notices.notices(of: worker) {
            guard let interruption = notice.interruption else { continue }
            drain.raise(interruption, at: ports.time.now(), deadline: notice.deadline)
        }
    }

    private enum Claim: Sendable {
        case leased(LeasedTask)
        /// The task takes too long for an instance that EC2 recommends to leave.
        case tooLong
        /// The task failed here before.
        case forOthers
        case outOfDate
        /// The scaler ends this instance, or a notice has come.
        case barred
    }

    private func claim(
        _ received: ReceivedMessage, isCooling: Bool
    ) async throws(PortError) -> Claim {
        let message = received.message
        guard let job = try await ports.jobs.job(message.task.job), let settings = job.settings,
            // Resuming a paused job sends its messages again.
            let task = try await ports.tasks.task(message.task), job.allows(task)
        else { return .outOfDate }
        if case .leased(let lease) = task.state, lease.isExpired(at: ports.time.now()) {
            // The worker that held the lease fell silent. `expire` sends a new message for any
            // worker.
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
            // The task has become one for On-Demand workers since this message: send one to their
            // queue.
            try await operations.apply(.remind, to: task.id)
            return .outOfDate
        }
        guard !task.isForOthers(than: worker, at: ports.time.now()) else { return .forOthers }
        guard try await heartbeat.begin(task.id) else { return .barred }
        // An old message may be the task's only one: the worker that requeued the task may have
        // died before it sent another. The lease is refused unless the task waits, so this does no
        // harm.
        let until = ports.time.now() + limits.lease.duration
        let outcome = try await operations.apply(
            .lease(worker, pool, until: until, pricePerHour: await heartbeat.pricePerHour),
            to: task.id)
        guard case .moved(let transition) = outcome else { return .outOfDate }
        if case .queued = job.state {
            try await ports.jobs.apply(.start, to: job.id, at: ports.time.now())
        }
        log.info("leased a task", metadata: metadata(transition.to))
        return .leased(
            LeasedTask(
                task: transition.to, job: job, settings: settings, receipt: received.receipt))
    }

    var attempts: String { directory + "/attempts" }
}
