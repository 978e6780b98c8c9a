package import Operations
package import Farm
package import Logging

/// Answers EventBridge's events about the end of an instance: requeues its tasks, keeps a record,
/// lets Auto Scaling continue and notifies people.
///
/// The instance's own worker gets the notice too and hands back the same tasks. Both are the same
/// event on one state machine, so the second is refused as stale and changes nothing.
package struct AnswerInterruption: Sendable {
    package struct Ports: Sendable {
        package var workers: any WorkerStore
        package var tasks: any TaskStore
        package var notices: any NoticeStore
        package var fleetStore: any FleetStore
        package var fleet: any Fleet
        package var announcer: any Announcer
        package var time: any TimeSource
        /// Takes metrics to where they are published.
        package var publish: @Sendable ([FleetMetric: Double]) -> Void

        package init(
            workers: any WorkerStore, tasks: any TaskStore, notices: any NoticeStore,
            fleetStore: any FleetStore, fleet: any Fleet, announcer: any Announcer,
            time: any TimeSource,
            publish: @escaping @Sendable ([FleetMetric: Double]) -> Void
        ) {
            self.workers = workers
            self.tasks = tasks
            self.notices = notices
            self.fleetStore = fleetStore
            self.fleet = fleet
            self.announcer = announcer
            self.time = time
            self.publish = publish
        }
    }

    /// A worker checks for a notice every two seconds, and knows better than the handler whether
    /// its frame fits. The handler gives it time for one check and one promise.
    private static let headStart: Duration = .seconds(3)

    private let ports: Ports
    private let operations: TaskOperations
    private let log: Logger

    package init(ports: Ports, operations: TaskOperations, log: Logger) {
        self.ports = ports
        self.operations = operations
        self.log = log
    }

    package enum Outcome: Hashable, Sendable {
        /// Not an instance of this farm: the rule matches all instances of the account.
        case foreign(WorkerID)
        /// A rebalance recommendation: nothing is stopped.
        case cooling(WorkerID)
        case answered([NoticeRecord.Response])

        package func tasks(_ action: NoticeRecord.Response.Action) -> [TaskID] {
            guard case .answered(let responses) = self else { return [] }
            return responses.filter { $0.action == action }.map(\.task)
        }
    }

    package func handle(_ event: InstanceEvent) async throws(PortError) -> Outcome {
        guard let worker = try await ports.workers.worker(event.worker) else {
            // An instance that ends before its worker started still belongs to the group.
            try await complete(event)
            log.info("ignored a foreign instance", metadata: ["worker": "\(event.worker)"])
            return .foreign(event.worker)
        }
        switch event.kind {
        case .rebalance:
            try await ports.workers.change(worker.id) {
                $0.coolingUntil = event.time + WorkerRecord.coolingDuration
            }
            try await ports.notices.record(record(event, .rebalance, .eventBridge, []))
            return .cooling(worker.id)
        case .warning(let cause):
            return try await end(worker, event, Interruption(cause, by: .eventBridge))
        case .termination:
            return try await end(worker, event, Interruption(.scaleIn, by: .lifecycleHook))
        case .gone:
            return try await end(worker, event, Interruption(.shutdown, by: .stateChange))
        }
    }

    private func end(
        _ worker: WorkerRecord, _ event: InstanceEvent, _ interruption: Interruption
    ) async throws(PortError) -> Outcome {
        let responses = try await requeue(worker, interruption)
        let move: WorkerRecord.Event =
            if case .gone = event.kind { .end } else { .drain(.notice) }
        let now = ports.time.now()
        try await ports.workers.change(worker.id) { $0.apply(move, at: now) }
        try await ports.notices.record(
            record(event, .end(interruption.cause), interruption.path, responses))
        try await complete(event)
        log.info(
            "answered a notice",
            metadata: [
                "worker": "\(worker.id)", "path": "\(interruption.path.rawValue)",
                "cause": "\(interruption.cause.rawValue)", "eventId": "\(event.id)",
                "requeued": "\(responses.count { $0.action == .handedBack })",
                "left": "\(responses.count { $0.action == .left })",
                "stale": "\(responses.count { $0.action == .stale })",
            ])
        if case .warning = event.kind {
            try await ports.fleetStore.note(
                PoolReclaim(worker: worker.id, pool: worker.pool, time: event.time))
            ports.publish([.interruptions: 1])
            await announce(NoticeMessage(worker, responses))
        }
        return .answered(responses)
    }

    private func requeue(
        _ worker: WorkerRecord, _ interruption: Interruption
    ) async throws(PortError) -> [NoticeRecord.Response] {
        var held = try await ports.tasks.tasks(heldBy: worker.id)
        if interruption.path.leavesPromises, held.contains(where: { !$0.isPromised }) {
            do {
                try await ports.time.sleep(for: Self.headStart)
            } catch {
                throw PortError(.unavailable, "wait for \(worker.id)", "the wait was canceled")
            }
            held = try await ports.tasks.tasks(heldBy: worker.id)
        }
        var responses: [NoticeRecord.Response] = []
        for task in held {
            switch try await operations.apply(.interrupt(task.token, interruption), to: task.id) {
            case .moved:
                responses.append(.init(task.id, .handedBack, visible: ports.time.now()))
            case .refused(.promised): responses.append(.init(task.id, .left))
            case .refused, .missing: responses.append(.init(task.id, .stale))
            }
        }
        return responses
    }

    private func record(
        _ event: InstanceEvent, _ announced: NoticeRecord.Announced, _ path: Interruption.Path,
        _ responses: [NoticeRecord.Response]
    ) -> NoticeRecord {
        NoticeRecord(
            worker: event.worker, announced, by: path, at: event.time, deadline: event.deadline,
            responses: responses)
    }

    /// Comes after the tasks: Auto Scaling ends the instance at once.
    private func complete(_ event: InstanceEvent) async throws(PortError) {
        guard case .termination(let action) = event.kind else { return }
        try await ports.fleet.complete(action)
    }

    /// An error is only logged: no work waits for a notification, and a second event brings no
    /// news.
    private func announce(_ message: NoticeMessage) async {
        do {
            try await ports.announcer.announce(subject: message.subject, message: message.text)
        } catch {
            log.error("could not notify of an interruption", metadata: ["error": "\(error)"])
        }
    }
}

extension RenderTask {
    fileprivate var isPromised: Bool {
        guard case .leased(let lease) = state else { return false }
        return lease.promisedUntil != nil
    }
}
