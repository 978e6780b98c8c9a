package import Farm
package import Logging

/// Finds what fell between two steps and puts it right. Done every minute, and safe to repeat.
package struct RepairFarm: Sendable {
    private let jobs: any JobStore
    private let tasks: any TaskStore
    private let workers: any WorkerStore
    private let ledger: TaskLedger
    private let terms: LeaseTerms
    private let time: any TimeSource
    private let log: Logger

    package init(
        jobs: any JobStore, tasks: any TaskStore, workers: any WorkerStore, ledger: TaskLedger,
        terms: LeaseTerms = LeaseTerms(), time: any TimeSource, log: Logger
    ) {
        self.jobs = jobs
        self.tasks = tasks
        self.workers = workers
        self.ledger = ledger
        self.terms = terms
        self.time = time
        self.log = log
    }

    /// Requeues the tasks of workers that fell silent, and writes silent workers off.
    ///
    /// Only workers unheard of for longer than two renewals are looked at: one query each.
    package func expireLeases() async throws(PortError) -> [TaskID] {
        var requeued: [TaskID] = []
        for worker in try await workers.openWorkers() {
            let silence = time.now() - worker.seen
            guard silence > terms.renewalInterval * 2 else { continue }
            let held = try await tasks.tasks(heldBy: worker.id)
            for task in held {
                if case .moved = try await ledger.apply(.expire, to: task.id) {
                    requeued.append(task.id)
                    log.warning(
                        "requeued a task whose lease ran out",
                        metadata: [
                            "job": "\(task.id.job)", "task": "\(task.id.number)",
                            "worker": "\(worker.id)",
                        ])
                }
            }
            if held.isEmpty, silence > terms.duration * 2 {
                var gone = worker
                gone.state = .gone
                try await workers.save(gone)
            }
        }
        return requeued
    }

    /// Settles jobs whose last task ended while nobody was left to say so; gives the open ones.
    package func settleJobs() async throws(PortError) -> [Job] {
        var open: [Job] = []
        for job in try await jobs.openJobs() {
            guard job.openTaskCount == 0 else {
                open.append(job)
                continue
            }
            if try await jobs.apply(.settle, to: job.id, at: time.now()) != nil {
                log.info("settled a job", metadata: ["job": "\(job.id)"])
            }
        }
        return open
    }
}
