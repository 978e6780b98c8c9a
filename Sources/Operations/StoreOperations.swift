package import Farm

/// Conditional writes that start over when another program wrote first.
extension JobStore {
    /// Moves a stored job and leaves the effects to the caller; `nil` when the rules refuse the
    /// event or there is no such job.
    @discardableResult
    package func apply(
        _ event: Job.Event, to id: JobID, at now: Timestamp
    ) async throws(PortError) -> JobTransition? {
        for _ in 0..<raceAttemptsMax {
            guard let stored = try await job(id) else { return nil }
            let transition: JobTransition
            do {
                transition = try stored.apply(event, at: now)
            } catch {
                return nil
            }
            if transition.to == transition.from { return transition }
            if try await replace(stored, with: transition.to) { return transition }
        }
        throw PortError(.unavailable, "move job \(id)", "it kept changing; try again")
    }
}

/// What became of an event that was applied to a stored task.
package enum TaskOutcome: Hashable, Sendable {
    case moved(TaskTransition)
    /// The rules refuse it: it is late, doubled, or from a worker that lost the lease.
    case refused(RenderTask.TransitionError)
    case missing
}

extension TaskStore {
    /// Moves a stored task and leaves the effects to the caller.
    package func apply(
        _ event: RenderTask.Event, to id: TaskID, at now: Timestamp,
        retries: RetryPolicy = RetryPolicy()
    ) async throws(PortError) -> TaskOutcome {
        for _ in 0..<raceAttemptsMax {
            guard let stored = try await task(id) else { return .missing }
            let transition: TaskTransition
            do {
                transition = try stored.apply(event, at: now, retries: retries)
            } catch {
                return .refused(error)
            }
            if try await commit(transition) { return .moved(transition) }
        }
        throw PortError(.unavailable, "move task \(id)", "it kept changing; try again")
    }

    /// Visits a job's tasks in order, a page at a time; `false` when `mayGoOn` stopped it.
    ///
    /// Bounded: a job has at most `SplitPlan.framesMax` tasks and one for its assembly.
    @discardableResult
    package func forEachPage(
        of job: JobID, pageSize: Int = 500, while mayGoOn: () -> Bool = { true },
        _ work: ([RenderTask]) async throws(PortError) -> Void
    ) async throws(PortError) -> Bool {
        var last = 0
        while last <= SplitPlan.framesMax {
            guard mayGoOn() else { return false }
            let page = try await tasks(of: job, after: last, limit: pageSize)
            guard let end = page.last else { break }
            try await work(page)
            last = end.id.number
        }
        return true
    }

    /// All tasks of a job, in order.
    package func allTasks(of job: JobID) async throws(PortError) -> [RenderTask] {
        var tasks: [RenderTask] = []
        try await forEachPage(of: job) { (page) async throws(PortError) in tasks += page }
        return tasks
    }
}

extension WorkerStore {
    /// Changes a stored worker; `nil` when there is none.
    @discardableResult
    package func change(
        _ id: WorkerID, _ edit: (inout WorkerRecord) -> Void
    ) async throws(PortError) -> WorkerRecord? {
        for _ in 0..<raceAttemptsMax {
            guard var worker = try await worker(id) else { return nil }
            edit(&worker)
            if let saved = try await save(worker) { return saved }
        }
        throw PortError(.unavailable, "change worker \(id)", "it kept changing; try again")
    }
}
