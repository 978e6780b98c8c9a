package import Farm

/// Jobs, tasks and attempts in memory, with the rules of the table: a commit moves the task, adds
/// the attempt and adds to the job's tally, all or nothing.
package actor InMemoryFarm: JobStore, TaskStore {
    package enum Move: Sendable {
        case job(Job.State)
        case task(TaskTransition)
    }

    /// A deliberate flaw, to show that a check can fail.
    package enum Flaw: Sendable, CaseIterable {
        /// A task is stored without a check of its revision.
        case tasksAreNotCompared
        /// A job is stored without a check of its state.
        case jobsAreNotCompared
    }

    private var jobsByID: [JobID: Job] = [:]
    private var tasksByID: [TaskID: RenderTask] = [:]
    private var attemptsByJob: [JobID: [Attempt]] = [:]
    private var told: Set<JobID> = []
    private var telling: [JobID: Timestamp] = [:]
    /// All moves since the beginning, in order.
    package private(set) var moves: [Move] = []
    private let faults: Faults
    private let flaw: Flaw?

    package init(faults: Faults = Faults(), flaw: Flaw? = nil) {
        self.faults = faults
        self.flaw = flaw
    }

    // MARK: Jobs

    package func create(_ job: Job) async throws(PortError) -> Bool {
        try await faults.enter(.createJob)
        guard jobsByID[job.id] == nil else { return false }
        jobsByID[job.id] = job
        return true
    }

    package func job(_ id: JobID) async throws(PortError) -> Job? {
        try await faults.enter(.readJob)
        return jobsByID[id]
    }

    package func replace(_ old: Job, with job: Job) async throws(PortError) -> Bool {
        try await faults.enter(.replaceJob)
        guard let stored = jobsByID[job.id] else { return false }
        let isCounted = job.state.isSettled || job.state == .assembling
        let isCurrent =
            stored.state == old.state && (!isCounted || stored.tally.ended == old.tally.ended)
        guard isCurrent || flaw == .jobsAreNotCompared else { return false }
        told.remove(job.id)
        telling[job.id] = nil
        jobsByID[job.id] = stored.moved(to: job.state, settled: job.settled)
        moves.append(.job(job.state))
        return true
    }

    package func note(_ note: JobNote?, on id: JobID) async throws(PortError) {
        try await faults.enter(.noteOnJob)
        jobsByID[id] = jobsByID[id]?.noted(note)
    }

    package func openJobs() async throws(PortError) -> [Job] {
        try await faults.enter(.listOpenJobs)
        return sorted { !$0.state.isSettled }
    }

    package func settledJobs() async throws(PortError) -> [Job] {
        try await faults.enter(.listSettledJobs)
        return sorted { $0.state.isSettled }
    }

    package func unnotifiedJobs() async throws(PortError) -> [Job] {
        try await faults.enter(.listUnnotifiedJobs)
        return sorted { $0.state.isSettled && !told.contains($0.id) }
    }

    package func claimNotification(
        of id: JobID, until end: Timestamp, at now: Timestamp
    ) async throws(PortError) -> Bool {
        try await faults.enter(.claimNotification)
        guard let job = jobsByID[id], job.state.isSettled, !told.contains(id),
            telling[id].map({ $0 <= now }) ?? true
        else { return false }
        telling[id] = end
        return true
    }

    package func markNotified(_ id: JobID) async throws(PortError) -> Bool {
        try await faults.enter(.markNotified)
        guard let job = jobsByID[id], job.state.isSettled else { return false }
        return told.insert(id).inserted
    }

    private func sorted(_ isWanted: (Job) -> Bool) -> [Job] {
        jobsByID.values.filter(isWanted).sorted { $0.id.rawValue < $1.id.rawValue }
    }

    // MARK: Tasks

    package func create(_ tasks: [RenderTask]) async throws(PortError) {
        try await faults.enter(.createTasks)
        for task in tasks where tasksByID[task.id] == nil {
            tasksByID[task.id] = task
        }
    }

    package func task(_ id: TaskID) async throws(PortError) -> RenderTask? {
        try await faults.enter(.readTask)
        return tasksByID[id]
    }

    package func commit(_ transitions: [TaskTransition]) async throws(PortError) -> Bool {
        try await faults.enter(.commitTask)
        precondition(
            (1...TaskTransition.togetherMax).contains(transitions.count), "Too many at once.")
        for transition in transitions {
            let isCurrent = tasksByID[transition.to.id]?.revision == transition.from.revision
            guard isCurrent || flaw == .tasksAreNotCompared else { return false }
        }
        for transition in transitions {
            let id = transition.to.id
            if !transition.tally.isZero {
                guard let job = jobsByID[id.job] else {
                    throw PortError(.missing, "commit task \(id)", "its job is gone")
                }
                jobsByID[id.job] = job.adding(transition.tally)
            }
            tasksByID[id] = transition.to
            moves.append(.task(transition))
            if let attempt = transition.attempt {
                attemptsByJob[id.job, default: []].append(attempt)
            }
        }
        return true
    }

    package func tasks(
        of job: JobID, after number: Int, limit: Int
    ) async throws(PortError) -> [RenderTask] {
        try await faults.enter(.listTasks)
        let all = tasksByID.values.filter { $0.id.job == job && $0.id.number > number }
        return Array(all.sorted { $0.id.number < $1.id.number }.prefix(limit))
    }

    package func tasks(heldBy worker: WorkerID) async throws(PortError) -> [RenderTask] {
        try await faults.enter(.listHeldTasks)
        let held = tasksByID.values.filter {
            guard case .leased(let lease) = $0.state else { return false }
            return lease.worker == worker
        }
        return held.sorted {
            ($0.id.job.rawValue, $0.id.number) < ($1.id.job.rawValue, $1.id.number)
        }
    }

    package func attempts(of job: JobID) async throws(PortError) -> [Attempt] {
        try await faults.enter(.listAttempts)
        return attemptsByJob[job, default: []]
    }

    // MARK: For tests

    /// Deletes the items, as by hand: a late message finds nothing.
    package func remove(_ job: JobID) {
        jobsByID[job] = nil
        tasksByID = tasksByID.filter { $0.key.job != job }
    }
}

extension JobTally {
    fileprivate var ended: [Int] { [succeeded, failed, canceled] }
}

extension Job {
    fileprivate func moved(to state: State, settled: Timestamp?) -> Job {
        Job(
            id: id, source: source, settings: settings, chunk: chunk, taskCount: taskCount,
            created: created, terms: terms, state: state, settled: settled, note: note,
            tally: tally)
    }

    fileprivate func noted(_ note: JobNote?) -> Job {
        Job(
            id: id, source: source, settings: settings, chunk: chunk, taskCount: taskCount,
            created: created, terms: terms, state: state, settled: settled, note: note,
            tally: tally)
    }

    fileprivate func adding(_ tally: JobTally) -> Job {
        Job(
            id: id, source: source, settings: settings, chunk: chunk, taskCount: taskCount,
            created: created, terms: terms, state: state, settled: settled, note: note,
            tally: self.tally + tally)
    }
}
