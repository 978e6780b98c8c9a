package import Farm

/// Moves stored tasks and performs the effects, in the order that loses nothing: the state first,
/// then the message, then the job.
///
/// Workers, Lambdas and the command line all perform effects here.
package struct TaskOperations: Sendable {
    private let jobs: any JobStore
    private let tasks: any TaskStore
    private let queue: any TaskQueue
    private let time: any TimeSource
    private let retries: RetryPolicy

    package init(
        jobs: any JobStore, tasks: any TaskStore, queue: any TaskQueue, time: any TimeSource,
        retries: RetryPolicy = RetryPolicy()
    ) {
        self.jobs = jobs
        self.tasks = tasks
        self.queue = queue
        self.time = time
        self.retries = retries
    }

    /// A refused event is no error: another program was faster, and nothing is left to do.
    @discardableResult
    package func apply(
        _ event: RenderTask.Event, to id: TaskID
    ) async throws(PortError) -> TaskOutcome {
        let outcome = try await tasks.apply(event, to: id, at: time.now(), retries: retries)
        if case .moved(let transition) = outcome {
            try await perform(transition.effects, of: id)
        }
        return outcome
    }

    /// Asks what follows for a job from its ended tasks: go on after the canary, give up, assemble
    /// the pictures, or settle.
    ///
    /// - Returns: The move with its effects, or `nil` when nothing follows, as for most tasks.
    @discardableResult
    package func settle(
        _ id: JobID, until deadline: Timestamp? = nil
    ) async throws(PortError) -> JobTransition? {
        try await move(.settle, id, until: deadline)
    }

    private func move(
        _ event: Job.Event, _ id: JobID, until deadline: Timestamp? = nil
    ) async throws(PortError) -> JobTransition? {
        guard let moved = try await jobs.apply(event, to: id, at: time.now()) else { return nil }
        for effect in moved.effects { try await perform(effect, of: moved.to, until: deadline) }
        return moved
    }

    /// Performs one effect of a job's move.
    func perform(
        _ effect: Job.Effect, of job: Job, until deadline: Timestamp? = nil
    ) async throws(PortError) {
        switch effect {
        case .prove: try await prove(job, until: deadline)
        case .giveUpAfterCanary: try await giveUpAfterCanary(job)
        case .enqueueAssembly(let id):
            // If the caller dies here, no worker assembles: the repair sends the missing message.
            guard let task = try await tasks.task(id) else { return }
            try await queue.send([task.message], after: .zero)
        // Both need more time than a worker or a Lambda has between two tasks: `JobOperations`
        // performs them for a person, and else the repair does.
        case .enqueueTasks, .cancelTasks: break
        }
    }

    private func giveUpAfterCanary(_ job: Job) async throws(PortError) {
        let canary = try await tasks.tasks(of: job.id, after: 0, limit: SplitPlan.canaryCount)
        for task in canary {
            guard case .failed(let failure) = task.state else { continue }
            _ = try await move(.giveUp(failure), job.id)
            return
        }
    }

    /// Lets the tasks begin that waited for the canary. Their messages come first, since nothing
    /// looks after the messages of a job that has moved on.
    ///
    /// - Parameter deadline: The repair's reminders send the messages that are not sent by then.
    private func prove(_ job: Job, until deadline: Timestamp?) async throws(PortError) {
        let waiting = SplitPlan.tasks(of: job).filter {
            $0.work == .frames && !job.isCanary($0.id)
        }
        try await queue.send(waiting.map(\.message), until: deadline, by: time)
        try await jobs.apply(.prove, to: job.id, at: time.now())
    }

    /// Reopens a job once some of its tasks are open. Its pictures are assembled anew after them,
    /// also where they are assembled or being assembled now.
    package func reopen(_ job: Job) async throws(PortError) {
        if job.terms.assembles, let assembly = try await tasks.task(job.assembly) {
            if case .leased = assembly.state { try await apply(.cancel, to: assembly.id) }
            if case .moved = try await apply(.retry, to: assembly.id) {
                try await jobs.note(nil, on: job.id)
            }
        }
        try await jobs.apply(.reopen, to: job.id, at: time.now())
    }

    /// Notes why a job has no thumbnails, contact sheet and video.
    package func noteMissingAssembly(
        of job: JobID, _ failure: RenderFailure
    ) async throws(PortError) {
        try await jobs.note(.missingAssembly(reason: failure.message), on: job)
    }

    private func perform(
        _ effects: [RenderTask.Effect], of task: TaskID
    ) async throws(PortError) {
        for effect in effects {
            switch effect {
            case .enqueue(let message, let delay):
                try await queue.send([message], after: delay)
            case .deadLetter(let task, let failure):
                try await queue.deadLetter(task, failure)
            case .giveUpJob(let job, let failure):
                _ = try await move(.giveUp(failure), job)
            case .noteMissingAssembly(let job, let failure):
                try await noteMissingAssembly(of: job, failure)
            case .settleJob(let job):
                _ = try await move(.endTask(task), job)
            }
        }
    }
}
