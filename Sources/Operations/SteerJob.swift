package import Farm

/// What a person may do with a job under way: cancel, pause, resume, retry.
///
/// Each moves the job first and its tasks after it, page by page; but who tries again moves the tasks first.
/// Everything may be done again without harm, so a caller that dies half way calls again, or leaves the
/// rest to the repair.
package struct SteerJob: Sendable {
    let jobs: any JobStore
    let tasks: any TaskStore
    let workers: any WorkerStore
    let queue: any TaskQueue
    let time: any TimeSource

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

    package enum Outcome: Hashable, Sendable {
        /// The job as it is now, and how many of its tasks were moved.
        case done(Job, taskCount: Int)
        /// The job's state does not allow it, or it is so already.
        case unfit(Job)
        case unknown
    }

    var operations: TaskOperations {
        TaskOperations(jobs: jobs, tasks: tasks, queue: queue, time: time)
    }

    /// The job's tasks in order, a page at a time; `false` when the time did not suffice.
    func forEachPage(
        of job: JobID, until deadline: Timestamp? = nil,
        _ work: ([RenderTask]) async throws(PortError) -> Void
    ) async throws(PortError) -> Bool {
        var last = 0
        // Ends: a job has no more tasks than this.
        while last <= SplitPlan.framesMax {
            if let deadline, time.now() >= deadline { return false }
            let page = try await tasks.tasks(of: job, after: last, limit: Self.page)
            guard let end = page.last else { break }
            try await work(page)
            last = end.id.number
        }
        return true
    }

    /// Applies an event to tasks of one job in as few writes as can be; those that it moved, as they are
    /// then.
    ///
    /// Messages, and what the tasks' move is to the job, are left to the caller.
    func apply(
        _ event: RenderTask.Event, to page: [RenderTask]
    ) async throws(PortError) -> [RenderTask] {
        var moved: [RenderTask] = []
        for start in stride(from: 0, to: page.count, by: TaskTransition.togetherMax) {
            let batch = page[start..<min(start + TaskTransition.togetherMax, page.count)]
            let moves = batch.compactMap { move($0, event) }
            guard !moves.isEmpty else { continue }
            if try await tasks.commit(moves) {
                moved += moves.map(\.to)
            } else {
                // One of them has moved since it was read: each by itself, then.
                for task in batch {
                    if case .moved(let move) = try await operations.apply(event, to: task.id) {
                        moved.append(move.to)
                    }
                }
            }
        }
        return moved
    }

    /// `nil` when the rules refuse it: it is so already.
    private func move(_ task: RenderTask, _ event: RenderTask.Event) -> TaskTransition? {
        do {
            return try task.apply(event, at: time.now())
        } catch {
            return nil
        }
    }

    /// Moves a job; what else it may be is told by its state.
    func move(_ event: Job.Event, _ id: JobID) async throws(PortError) -> Outcome {
        if let moved = try await jobs.apply(event, to: id, at: time.now()) {
            return .done(moved, taskCount: 0)
        }
        guard let job = try await jobs.job(id) else { return .unknown }
        return .unfit(job)
    }

    private static let page = 500
}
