package import Operations
package import Farm
package import Logging

/// Finds what fell between two steps and puts it right. Done every minute, and safe to repeat.
///
/// Every pass asks the task store, which owns the truth, and moves tasks by the same rules as
/// everyone else: a repair that comes too late, or twice, is refused and changes nothing.
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

    /// What one run put right.
    package struct Report: Hashable, Sendable {
        /// Tasks whose leases ran out.
        package var requeued: [TaskID] = []
        /// Jobs whose splitter had been killed.
        package var split: [JobID] = []
        /// Jobs whose canary had ended while nobody was left to say so.
        package var tried: [JobID] = []
        /// Jobs whose canceler had died, and jobs given up.
        package var canceled: [JobID] = []
        /// Tasks whose messages were sent again.
        package var reminded: [TaskID] = []
        /// Messages taken from the dead-letter queue.
        package var deadLetterCount = 0
        /// What stopped a pass; the others were made all the same.
        package var errors: [PortError] = []

        package init() {}
    }

    /// How long a task waits before its message is taken for lost.
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

    /// All passes but `settleJobs`, whose `open` jobs they look at. What is not done by the
    /// deadline is done in the next run.
    package func run(over open: [Job], until deadline: Timestamp) async -> Report {
        var report = Report()
        let errors = [
            await attempt("requeue expired leases") { () async throws(PortError) in
                report.requeued = try await expireLeases()
            },
            await attempt("complete half-split jobs") { () async throws(PortError) in
                report.split = try await completeSplits(of: open, until: deadline)
            },
            await attempt("go on after canaries") { () async throws(PortError) in
                report.tried = try await completeCanaries(of: open, until: deadline)
            },
            await attempt("end canceled and hopeless jobs") { () async throws(PortError) in
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

    /// Requeues the tasks of workers that fell silent, and writes silent workers off.
    ///
    /// One query for each worker unheard of for longer than two renewals. Of the others a tenth is
    /// looked at each minute, for a task its worker knows nothing of: a program that was started
    /// again says that it is there, and renews nothing.
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
                if case .moved = try await operations.apply(.expire, to: task.id) {
                    requeued.append(task.id)
                    log.warning(
                        "requeued a task whose lease ran out",
                        metadata: [
                            "job": "\(task.id.job)", "task": "\(task.id.number)",
                            "worker": "\(worker.id)",
                        ])
                }
            }
            if held.isEmpty, terms.isGone(after: silence) {
                var gone = worker
                gone.become(.gone, at: now)
                // Unsaved when it spoke a moment ago, after all.
                _ = try await ports.workers.save(gone)
            }
        }
        return requeued
    }

    /// Once in ten minutes for each worker, without remembering anything.
    private func isInTurn(_ worker: WorkerID, at now: Timestamp) -> Bool {
        let turns = 10
        let minute = Int(now.milliseconds / 60_000)
        let place = worker.rawValue.utf8.reduce(0) { $0 + Int($1) }
        return (minute + place).isMultiple(of: turns)
    }

    // MARK: Jobs

    /// Settles jobs whose last task ended while nobody was left to say so; gives the open ones.
    package func settleJobs() async throws(PortError) -> [Job] {
        var open: [Job] = []
        for job in try await ports.jobs.openJobs() {
            guard job.openTaskCount == 0 else {
                open.append(try await reopened(job) ?? job)
                continue
            }
            try await noteMissingAssembly(of: job)
            let moved = try await operations.settle(job.id)
            if let moved {
                log.info(
                    "settled a job",
                    metadata: ["job": "\(job.id)", "state": "\(moved.state.name)"])
                if moved.state.isSettled { continue }
            }
            open.append(moved ?? job)
        }
        return open
    }

    /// Who tried frames again of a job that was being assembled may have died before opening it; `nil` for
    /// any other job.
    private func reopened(_ listed: Job) async throws(PortError) -> Job? {
        guard listed.state == .assembling, let job = try await ports.jobs.job(listed.id),
            job.state == .assembling, job.openTaskCount > 0
        else { return nil }
        try await operations.reopen(job)
        return try await ports.jobs.job(job.id)
    }

    /// Whoever failed a job's assembly may have died before saying so.
    private func noteMissingAssembly(of job: Job) async throws(PortError) {
        guard job.state == .assembling, !job.isAssemblyDue,
            case .failed(let failure)? = try await ports.tasks.task(job.assembly)?.state
        else { return }
        try await operations.noteMissingAssembly(of: job.id, failure)
    }

    /// Writes what is missing of jobs whose splitter was killed and not called again.
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
            guard try await completion.resume(job, until: deadline) else { break }
            log.warning("completed a half-split job", metadata: ["job": "\(job.id)"])
            completed.append(job.id)
        }
        return completed
    }

    /// Lets jobs go on, or gives them up, whose canary ended with a worker that died before it could.
    package func completeCanaries(
        of jobs: [Job], until deadline: Timestamp
    ) async throws(PortError) -> [JobID] {
        var completed: [JobID] = []
        for listed in jobs where listed.state == .trying {
            // The list lags, and what is decided here is not taken back.
            guard let job = try await ports.jobs.job(listed.id), job.state == .trying else {
                continue
            }
            if job.isProven {
                guard ports.time.now() < deadline else { break }
                try await operations.prove(job, until: deadline)
                log.warning("went on after a canary", metadata: ["job": "\(job.id)"])
                completed.append(job.id)
            } else if job.isCanaryDead {
                let canary = try await ports.tasks.tasks(
                    of: job.id, after: 0, limit: SplitPlan.canaryCount)
                for task in canary {
                    guard case .failed(let failure) = task.state else { continue }
                    try await ports.jobs.apply(.giveUp(failure), to: job.id, at: ports.time.now())
                    completed.append(job.id)
                    break
                }
            }
        }
        return completed
    }

    /// Cancels what is left of canceled jobs, whose canceler may have died half way, and of jobs given up.
    package func completeCancels(
        of jobs: [Job], until deadline: Timestamp
    ) async throws(PortError) -> [JobID] {
        let steer = SteerJob(
            jobs: ports.jobs, tasks: ports.tasks, workers: ports.workers, queue: ports.queue,
            time: ports.time)
        var completed: [JobID] = []
        for listed in jobs where listed.state.endsTasks {
            // The list lags: it may have ended since, and be tried again.
            guard let job = try await ports.jobs.job(listed.id), job.state.endsTasks else {
                continue
            }
            guard try await steer.finishCancel(job, until: deadline) != nil else { break }
            completed.append(job.id)
        }
        return completed
    }
}

/// Bounds of the repair, each with its reason.
package struct RepairLimits: Hashable, Sendable {
    /// Leases (of 120 s: ten minutes). Far longer than a message may be hidden or delayed, and short
    /// beside the night a lost frame would otherwise wait. Also the least time between two
    /// reminders of a task.
    package var reminderLeases = 5
    /// As long as a Lambda may run: after that no splitter is at work on the job.
    package var splittingDurationMax: Duration = .seconds(900)
    /// Tasks read at a time.
    package var page = 500
    /// A dead letter nobody could read is shown again after this.
    package var deadLetterHidden: Duration = .seconds(3600)
    /// Dead letters answered in one run: a hundred receives, some seconds.
    package var deadLettersMax = 1_000

    package init() {}
}
