package import Operations
package import Farm
package import Logging

/// Finds and completes work that was interrupted between two steps. Runs every minute, and is safe
/// to repeat.
///
/// Every pass reads the stores and moves tasks by the same rules as all other programs. A repair
/// that comes too late, or twice, is refused and changes nothing.
package struct RepairFarm: Sendable {
    package struct Ports: Sendable {
        package var jobs: any JobStore
        package var tasks: any TaskStore
        package var workers: any WorkerStore
        package var queue: any TaskQueue
        package var time: any TimeSource

        package init(
            jobs: any JobStore, tasks: any TaskStore, workers: any WorkerStore,
            queue: any TaskQueue, time: any TimeSource
        ) {
            self.jobs = jobs
            self.tasks = tasks
            self.workers = workers
            self.queue = queue
            self.time = time
        }
    }

    /// What one run repaired.
    package struct Report: Hashable, Sendable {
        /// Tasks whose leases expired.
        package var requeued: [TaskID] = []
        /// Jobs whose splitter was killed.
        package var split: [JobID] = []
        /// Jobs whose canary had ended, and whose worker died before it could continue them.
        package var tried: [JobID] = []
        /// Jobs whose cancellation had stopped half way, and jobs that were given up.
        package var canceled: [JobID] = []
        /// Tasks whose messages were sent again.
        package var reminded: [TaskID] = []
        /// Messages taken from the dead-letter queue.
        package var deadLetterCount = 0
        /// Errors that stopped a pass. The other passes ran all the same.
        package var errors: [PortError] = []

        package init() {}
    }

    /// How long a task waits before its message counts as lost.
    var reminderAge: Duration { terms.duration * limits.reminderLeases }

    let ports: Ports
    let operations: TaskOperations
    let terms: LeaseTerms
    let limits: RepairLimits
    let log: Logger

    package init(
        ports: Ports, operations: TaskOperations, terms: LeaseTerms = LeaseTerms(),
        limits: RepairLimits = RepairLimits(), log: Logger
    ) {
        self.ports = ports
        self.operations = operations
        self.terms = terms
        self.limits = limits
        self.log = log
    }

    /// Runs all passes except `settleJobs`, which returns the `open` jobs. The next run does what
    /// the deadline cuts off.
    package func run(over open: [Job], until deadline: Timestamp) async -> Report {
        var report = Report()
        let errors = [
            await attempt("requeue expired leases") { () async throws(PortError) in
                report.requeued = try await expireLeases()
            },
            await attempt("complete half-split jobs") { () async throws(PortError) in
                report.split = try await completeSplits(of: open, until: deadline)
            },
            await attempt("continue after canaries") { () async throws(PortError) in
                report.tried = try await completeCanaries(of: open, until: deadline)
            },
            await attempt("finish canceled jobs and jobs given up") { () async throws(PortError) in
                report.canceled = try await completeCancels(of: open, until: deadline)
            },
            await attempt("answer dead letters") { () async throws(PortError) in
                report.deadLetterCount = try await answerDeadLetters(until: deadline)
            },
            await attempt("send lost messages again") { () async throws(PortError) in
                report.reminded = try await remindTasks(of: open, until: deadline)
            },
        ]
        report.errors = errors.compactMap { $0 }
        return report
    }

    private func attempt(
        _ pass: String, _ work: () async throws(PortError) -> Void
    ) async -> PortError? {
        do throws(PortError) {
            try await work()
            return nil
        } catch {
            log.error("a repair pass failed", metadata: ["pass": "\(pass)", "error": "\(error)"])
            return error
        }
    }

    // MARK: Leases

    /// Requeues the tasks of silent workers, and marks silent workers as gone.
    ///
    /// It queries each worker that has not reported for two renewals. Of the other workers it
    /// queries a tenth each minute: a restarted worker reports, but does not renew its earlier
    /// lease.
    package func expireLeases() async throws(PortError) -> [TaskID] {
        var requeued: [TaskID] = []
        for worker in try await ports.workers.openWorkers() {
            let now = ports.time.now()
            let silence = now - worker.seen
            guard terms.isLate(after: silence) || isInTurn(worker.id, at: now) else {
                continue
            }
            let held = try await ports.tasks.tasks(heldBy: worker.id)
            for task in held {
                guard case .leased(let lease) = task.state, lease.isExpired(at: now) else {
                    continue
                }
                let outcome = try await skippingUnreadable(log) { () async throws(PortError) in
                    try await operations.apply(.expire, to: task.id)
                }
                if case .moved = outcome {
                    requeued.append(task.id)
                    log.warning(
                        "requeued a task whose lease expired",
                        metadata: [
                            "job": "\(task.id.job)", "task": "\(task.id.number)",
                            "worker": "\(worker.id)",
                        ])
                }
            }
            if held.isEmpty, terms.isGone(after: silence) {
                var gone = worker
                gone.apply(.end, at: now)
                // Refused when the worker has reported since.
                _ = try await ports.workers.save(gone)
            }
        }
        return requeued
    }

    /// True once in ten minutes for each worker, without stored state.
    private func isInTurn(_ worker: WorkerID, at now: Timestamp) -> Bool {
        let turns = 10
        let minute = Int(now.milliseconds / 60_000)
        let place = worker.rawValue.utf8.reduce(0) { $0 + Int($1) }
        return (minute + place).isMultiple(of: turns)
    }

    // MARK: Jobs

    /// Settles jobs whose last task ended with a worker that died right after; the open jobs.
    package func settleJobs() async throws(PortError) -> [Job] {
        var open: [Job] = []
        for listed in try await ports.jobs.openJobs() {
            let job = try await skippingUnreadable(log) { () async throws(PortError) in
                try await settled(listed)
            }
            if job?.state.isSettled != true { open.append(job ?? listed) }
        }
        return open
    }

    /// The job after it was reopened or settled, if it was time.
    private func settled(_ job: Job) async throws(PortError) -> Job {
        guard job.openTaskCount == 0 else { return try await reopened(job) ?? job }
        try await noteMissingAssembly(of: job)
        guard let moved = try await operations.settle(job.id)?.moved else { return job }
        log.info(
            "settled a job",
            metadata: ["job": "\(job.id)", "state": "\(moved.state.name)"])
        return moved
    }

    /// Reopens a job in `assembling` whose frames were retried: the retry may have died before it
    /// reopened the job. `nil` for any other job.
    private func reopened(_ listed: Job) async throws(PortError) -> Job? {
        guard listed.state == .assembling, let job = try await ports.jobs.job(listed.id),
            job.state == .assembling, job.openTaskCount > 0
        else { return nil }
        try await operations.reopen(job)
        return try await ports.jobs.job(job.id)
    }

    /// The worker that failed the assembly may have died before it wrote the note.
    private func noteMissingAssembly(of job: Job) async throws(PortError) {
        guard job.state == .assembling, !job.isAssemblyDue,
            case .failed(let failure)? = try await ports.tasks.task(job.assembly)?.state
        else { return }
        try await operations.noteMissingAssembly(of: job.id, failure)
    }

    /// Completes jobs whose splitter was killed and not called again.
    package func completeSplits(
        of jobs: [Job], until deadline: Timestamp
    ) async throws(PortError) -> [JobID] {
        let completion = CompleteSplit(
            jobs: ports.jobs, tasks: ports.tasks, queue: ports.queue, time: ports.time)
        var completed: [JobID] = []
        for job in jobs {
            guard case .splitting = job.state,
                ports.time.now() - job.created >= limits.splittingDurationMax
            else { continue }
            let result = try await skippingUnreadable(log) { () async throws(PortError) in
                try await completion.resume(job, until: deadline)
            }
            guard let isDone = result else { continue }
            guard isDone else { break }
            log.warning("completed a half-split job", metadata: ["job": "\(job.id)"])
            completed.append(job.id)
        }
        return completed
    }

    /// Continues jobs whose canary ended with a worker that died right after, or gives them up.
    package func completeCanaries(
        of jobs: [Job], until deadline: Timestamp
    ) async throws(PortError) -> [JobID] {
        var completed: [JobID] = []
        for listed in jobs where listed.state == .trying {
            guard ports.time.now() < deadline else { break }
            let isDone = try await skippingUnreadable(log) { () async throws(PortError) -> Bool in
                // The list lags behind, and this decision is final.
                guard let job = try await ports.jobs.job(listed.id), job.state == .trying,
                    let move = try await operations.settle(job.id, until: deadline)
                else { return false }
                log.warning(
                    "continued after a canary",
                    metadata: ["job": "\(job.id)", "effects": "\(move.effects)"])
                return true
            }
            if isDone == true { completed.append(listed.id) }
        }
        return completed
    }

    /// Cancels the open tasks of jobs that were canceled or given up.
    package func completeCancels(
        of jobs: [Job], until deadline: Timestamp
    ) async throws(PortError) -> [JobID] {
        let operations = JobOperations(
            jobs: ports.jobs, tasks: ports.tasks, workers: ports.workers, queue: ports.queue,
            time: ports.time)
        var completed: [JobID] = []
        for listed in jobs where listed.state.endsTasks {
            let result = try await skippingUnreadable(log) { () async throws(PortError) -> Bool? in
                // The list lags behind: the job may have ended since, or was retried.
                guard let job = try await ports.jobs.job(listed.id), job.state.endsTasks else {
                    return nil
                }
                return try await operations.finishCancel(job, until: deadline) != nil
            }
            guard let found = result, let isDone = found else { continue }
            guard isDone else { break }
            completed.append(listed.id)
        }
        return completed
    }
}

/// Bounds of the repair, each with its reason.
package struct RepairLimits: Hashable, Sendable {
    /// In leases: ten minutes with leases of 120 s. Far longer than a message may be hidden or
    /// delayed, and short beside the night that a lost frame would wait otherwise. Also the
    /// shortest time between two reminders of a task.
    package var reminderLeases = 5
    /// The longest time that a Lambda may run. After it no splitter works on the job.
    package var splittingDurationMax: Duration = .seconds(900)
    /// Tasks read at a time.
    package var page = 500
    /// A dead letter that could not be read becomes visible again after this time.
    package var deadLetterHidden: Duration = .seconds(3600)
    /// Dead letters answered in one run: a hundred receives, some seconds.
    package var deadLettersMax = 1_000

    package init() {}
}
