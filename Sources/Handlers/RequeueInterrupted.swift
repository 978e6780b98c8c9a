package import Farm
package import Logging

/// Gives the tasks of an instance that EC2 takes away back to the queue.
///
/// The instance's own worker hears of it too and hands back the same tasks: both are one event on
/// the same state machine, so whichever comes second is refused as stale and changes nothing.
package struct RequeueInterrupted: Sendable {
    private let workers: any WorkerStore
    private let tasks: any TaskStore
    private let ledger: TaskLedger
    private let log: Logger

    package init(
        workers: any WorkerStore, tasks: any TaskStore, ledger: TaskLedger, log: Logger
    ) {
        self.workers = workers
        self.tasks = tasks
        self.ledger = ledger
        self.log = log
    }

    package enum Outcome: Hashable, Sendable {
        /// Not one of ours: other instances of the account are warned by the same event.
        case foreign(WorkerID)
        case requeued([TaskID], stale: Int)
    }

    package func handle(_ event: InterruptionEvent) async throws(PortError) -> Outcome {
        guard var worker = try await workers.worker(event.worker) else {
            log.info("ignored a foreign instance", metadata: ["worker": "\(event.worker)"])
            return .foreign(event.worker)
        }
        var requeued: [TaskID] = []
        var stale = 0
        for task in try await tasks.tasks(heldBy: worker.id) {
            let interruption = Interruption(event.cause, by: .eventBridge)
            switch try await ledger.apply(.interrupt(task.token, interruption), to: task.id) {
            case .moved: requeued.append(task.id)
            case .refused, .missing: stale += 1
            }
        }
        if worker.state != .gone {
            worker.state = .draining
            try await workers.save(worker)
        }
        log.info(
            "requeued an interrupted worker's tasks",
            metadata: [
                "worker": "\(worker.id)", "requeued": "\(requeued.count)", "stale": "\(stale)",
                "eventId": "\(event.id)",
            ])
        return .requeued(requeued, stale: stale)
    }
}
