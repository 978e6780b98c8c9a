package import Farm

/// What a person may do with a job: cancel, pause, resume, retry.
///
/// Each moves the job first and then its tasks, page by page. Only a retry moves the tasks first.
/// Every operation may be repeated without harm: after a crash the caller repeats it, or the repair
/// does the rest.
package struct JobOperations: Sendable {
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

    var operations: TaskOperations {
        TaskOperations(jobs: jobs, tasks: tasks, queue: queue, time: time)
    }

    package enum Outcome: Hashable, Sendable {
        /// The job as it is now, and how many of its tasks were moved.
        case done(Job, taskCount: Int)
        /// The job's state does not allow it, or is already what was wanted.
        case unfit(Job)
        case unknown
    }

    /// Moves a job and performs what follows from the move.
    func move(_ event: Job.Event, _ id: JobID) async throws(PortError) -> Outcome {
        guard let moved = try await jobs.apply(event, to: id, at: time.now()) else {
            guard let job = try await jobs.job(id) else { return .unknown }
            return .unfit(job)
        }
        var count = 0
        for effect in moved.effects {
            switch effect {
            case .enqueueTasks: count += try await sendMessages(of: moved.to)
            case .cancelTasks: count += try await finishCancel(moved.to) ?? 0
            case .prove, .giveUpAfterCanary, .enqueueAssembly:
                try await operations.perform(effect, of: moved.to)
            }
        }
        return .done(moved.to, taskCount: count)
    }

    /// Sends the messages of tasks that wait and may begin; how many.
    func sendMessages(of job: Job) async throws(PortError) -> Int {
        var count = 0
        try await tasks.forEachPage(of: job.id) { (page) async throws(PortError) in
            let waiting = page.filter { $0.state == .queued && job.allows($0) }
            try await queue.send(waiting.map(\.message), after: .zero)
            count += waiting.count
        }
        return count
    }

    /// Applies an event to tasks of one job in as few writes as possible; the tasks that it moved,
    /// as they are then.
    ///
    /// The caller performs the effects: messages, and what follows for the job.
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
                // One of the tasks has moved since it was read, so each is moved alone.
                for task in batch {
                    if case .moved(let move) = try await operations.apply(event, to: task.id) {
                        moved.append(move.to)
                    }
                }
            }
        }
        return moved
    }

    /// `nil` when the rules refuse it: the task is in that state already.
    private func move(_ task: RenderTask, _ event: RenderTask.Event) -> TaskTransition? {
        do {
            return try task.apply(event, at: time.now())
        } catch {
            return nil
        }
    }
}
