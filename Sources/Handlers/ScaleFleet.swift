package import Farm
package import Logging

/// One tick of the farm: sizes the fleet from the work that is left, then repairs.
///
/// Sizing comes first, since a repair may use up the whole time. The tick reads the memory before
/// anything else, and stores it before it acts. Of two ticks at once the second is refused there
/// and does nothing. A tick that begins while another one still acts may come to the same decision.
/// That is harmless: it sets the size that is set already, and drains no worker twice.
package struct ScaleFleet: Sendable {
    package struct Ports: Sendable {
        package var fleet: any Fleet
        package var fleetStore: any FleetStore
        package var workers: any WorkerStore
        package var notices: any NoticeStore
        package var jobs: any JobStore
        package var queue: any TaskQueue
        package var announcer: any Announcer
        package var time: any TimeSource
        /// The items that the stores left out since the last call.
        package var unreadable: @Sendable () -> UnreadableCount
        /// Publishes the metrics of the tick.
        package var publish: @Sendable ([FleetMetric: Double]) -> Void

        package init(
            fleet: any Fleet, fleetStore: any FleetStore, workers: any WorkerStore,
            notices: any NoticeStore, jobs: any JobStore, queue: any TaskQueue,
            announcer: any Announcer, time: any TimeSource,
            unreadable: @escaping @Sendable () -> UnreadableCount = { UnreadableCount() },
            publish: @escaping @Sendable ([FleetMetric: Double]) -> Void
        ) {
            self.fleet = fleet
            self.fleetStore = fleetStore
            self.workers = workers
            self.notices = notices
            self.jobs = jobs
            self.queue = queue
            self.announcer = announcer
            self.time = time
            self.unreadable = unreadable
            self.publish = publish
        }
    }

    private let repair: RepairFarm
    private let ports: Ports
    private let policy: ScalingPolicy
    private let announce: AnnounceJobs
    private let log: Logger

    package init(
        repair: RepairFarm, ports: Ports, policy: ScalingPolicy, announce: AnnounceJobs,
        log: Logger
    ) {
        self.repair = repair
        self.ports = ports
        self.policy = policy
        self.announce = announce
        self.log = log
    }

    /// - Parameter deadline: The end of the repair. The next tick repairs the rest.
    /// - Returns: `nil` when another tick ran at the same time.
    /// - Throws: The error that stopped the sizing, else one that stopped a repair, so that the
    ///   invocation counts as failed.
    package func tick(repairingUntil deadline: Timestamp) async throws(PortError) -> FleetTick? {
        let jobs = try await repair.settleJobs()
        // Lost tasks are repaired even when the fleet could not be sized.
        let sized: Result<FleetTick?, PortError>
        do {
            sized = .success(try await size(for: jobs.filter(\.state.isWork)))
        } catch {
            log.error("could not size the fleet", metadata: ["error": "\(error)"])
            sized = .failure(error)
        }
        let report = await repair.run(over: jobs, until: deadline)
        log.info(
            "repaired the farm",
            metadata: [
                "requeued": "\(report.requeued.count)", "split": "\(report.split.count)",
                "reminded": "\(report.reminded.count)", "deadLetters": "\(report.deadLetterCount)",
                "errors": "\(report.errors.count)",
            ])
        _ = try await announce.run()
        let tick = try sized.get()
        if let error = report.errors.first { throw error }
        return tick
    }

    private func size(for jobs: [Job]) async throws(PortError) -> FleetTick? {
        var memory = try await ports.fleetStore.memory()
        var depths: [QueueLane: Int] = [:]
        for lane in QueueLane.allCases {
            depths[lane] = try await ports.queue.depth(of: lane).total
        }
        let now = ports.time.now()
        let workers = try await ports.workers.openWorkers()
        try await countReclaims(workers, in: &memory.reclaims, at: now)
        let view = FleetView(
            now: now, jobs: jobs, workers: workers,
            spot: try await ports.fleet.spot(), onDemand: try await ports.fleet.onDemand(),
            reservedTasks: depths[.onDemand, default: 0],
            refusals: try await ports.fleetStore.refusals(at: now),
            recentReclaims: try await ports.fleetStore.reclaims(
                since: now + (.zero - InterruptionBurst.window)),
            memory: memory, unreadable: ports.unreadable())
        logUnreadable(view.unreadable)
        let decision = policy.decide(view)
        guard try await ports.fleetStore.save(decision.memory) else {
            log.info("skipped: another tick sizes the fleet")
            return nil
        }
        ports.publish(decision.metrics(view, depth: depths.values.reduce(0, +)))
        for row in decision.tick.rows { logSize(row, decision.tick) }
        try await act(decision, on: view)
        return decision.tick
    }

    /// Ended instances read in one tick: two reads each, some seconds. The next tick reads more.
    private static let endsMax = 200

    private func logUnreadable(_ items: UnreadableCount) {
        guard !items.isEmpty else { return }
        log.error(
            "sized the fleet without items that cannot be read",
            metadata: [
                "count": "\(items.count)", "items": "\(items.names.joined(separator: ", "))",
            ])
    }

    private func countReclaims(
        _ open: [WorkerRecord], in history: inout ReclaimHistory, at now: Timestamp
    ) async throws(PortError) {
        var lives: [InstanceLife] = []
        for id in history.ended(besides: open).prefix(Self.endsMax) {
            // `nil` if it cannot be read, or if it has expired because no tick ran for days.
            let record = try await skippingUnreadable(log) { () async throws(PortError) in
                try await ports.workers.worker(id)
            }
            guard let found = record, let worker = found else {
                history.watched.remove(id)
                continue
            }
            lives.append(
                InstanceLife(
                    worker, notices: try await ports.notices.notices(of: id), attempts: [],
                    lease: repair.terms, now: now))
        }
        history.count(open, ended: lives, at: now)
    }

    private func logSize(_ row: FleetTick.Row, _ tick: FleetTick) {
        log.info(
            "sized the fleet",
            metadata: [
                "group": "\(row.lifecycle.rawValue)", "was": "\(row.was)",
                "desired": "\(row.desired)", "inService": "\(row.inService)",
                "usable": "\(row.usable)", "demand": "\(row.demand)",
                "ending": "\(row.ending.count)", "openTasks": "\(tick.openTasks)",
                "backlogSeconds": "\(Int(tick.backlogSeconds))", "reason": "\(row.reason)",
            ])
    }

    // MARK: Acting

    /// Does every part that it can, and throws the first error at the end.
    private func act(_ decision: FleetDecision, on view: FleetView) async throws(PortError) {
        var failure: PortError?
        func attempt(_ work: () async throws(PortError) -> Void) async {
            do throws(PortError) {
                try await work()
            } catch {
                log.error("could not do a part of the decision", metadata: ["error": "\(error)"])
                failure = failure ?? error
            }
        }
        for (group, part) in [(view.spot, decision.spot), (view.onDemand, decision.onDemand)] {
            if let desired = part.desired {
                await attempt { () async throws(PortError) in
                    try await ports.fleet.setDesired(desired, of: group.lifecycle)
                }
            }
            for worker in part.ending {
                await attempt { () async throws(PortError) in
                    try await end(view.workers.first { $0.id == worker }, worker)
                }
            }
        }
        for demand in decision.demands {
            guard let job = view.jobs.first(where: { $0.id == demand.job }),
                job.note != demand.note
            else { continue }
            await attempt { () async throws(PortError) in
                try await ports.jobs.note(demand.note, on: demand.job)
            }
        }
        await attempt { () async throws(PortError) in try await notify(decision.memory) }
        if let failure { throw failure }
    }

    /// Notifies first and clears the memory then: a tick that dies in between causes a second
    /// notification, which is better than none.
    private func notify(_ memory: FleetMemory) async throws(PortError) {
        guard !memory.unnotified.isEmpty else { return }
        for news in memory.unnotified {
            let message = FleetMessage(news)
            try await ports.announcer.announce(subject: message.subject, message: message.text)
        }
        var notified = memory
        notified.revision += 1
        notified.unnotified = []
        _ = try await ports.fleetStore.save(notified)
    }

    /// An idle worker is drained first. The write is refused when the worker has leased a task
    /// since it was read. An instance without a record, or drained before, is ended at once.
    private func end(_ worker: WorkerRecord?, _ id: WorkerID) async throws(PortError) {
        if var worker, case .moved = worker.apply(.drain(.scaleIn), at: ports.time.now()) {
            guard try await ports.workers.save(worker) != nil else {
                log.info("left a worker alone that has found work", metadata: ["worker": "\(id)"])
                return
            }
        }
        try await ports.fleet.end(id)
        log.info("ended an instance", metadata: ["worker": "\(id)"])
    }
}
