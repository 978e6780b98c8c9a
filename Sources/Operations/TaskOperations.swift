package import Farm

/// Moves stored tasks and does what follows from it, in the order that loses nothing: the state
/// first, then the message, then the job.
///
/// The one place where effects are performed, for the worker and the Lambdas alike.
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

    /// A refused event is no error: someone else was first, and nothing is left to do.
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

    /// What the end of its tasks is to a job: its pictures are to be assembled, or it settles.
    ///
    /// - Returns: The job, if that moved it; of most tasks it is nothing, and one read says so.
    @discardableResult
    package func settle(_ id: JobID) async throws(PortError) -> Job? {
        guard let job = try await jobs.apply(.settle, to: id, at: time.now()) else { return nil }
        if job.state == .assembling, let task = try await tasks.task(job.assembly) {
            // Who dies before leaves a job at whose assembly nobody is: the repair misses its message.
            try await queue.send([task.message], after: .zero)
        }
        return job
    }

    /// Lets the tasks begin that have waited for the canary: first their messages, since a job that is known
    /// as proven is looked at by nobody.
    ///
    /// - Parameter deadline: Messages that are not sent by then are left to the repair's reminders.
    package func prove(_ job: Job, until deadline: Timestamp? = nil) async throws(PortError) {
        let waiting = SplitPlan.tasks(of: job).filter {
            $0.work == .frames && !job.isCanary($0.id)
        }
        try await queue.send(waiting.map(\.message), until: deadline, by: time)
        try await jobs.apply(.prove, to: job.id, at: time.now())
    }

    /// Opens a job again once some of its tasks are. What is made of its frames, or is being made, is made
    /// anew after them.
    package func reopen(_ job: Job) async throws(PortError) {
        if job.terms.assembles, let assembly = try await tasks.task(job.assembly) {
            if case .leased = assembly.state { try await apply(.cancel, to: assembly.id) }
            if case .moved = try await apply(.retry, to: assembly.id) {
                try await jobs.note(nil, on: job.id)
            }
        }
        try await jobs.apply(.reopen, to: job.id, at: time.now())
    }

    /// Why a job has neither thumbnails nor contact sheet nor video, in words for its owner.
    package func noteMissingAssembly(
        of job: JobID, _ failure: RenderFailure
    ) async throws(PortError) {
        try await jobs.note(
            "There are no thumbnails, no contact sheet and no video of it; the frames are not "
                + "touched by that. \(failure.message) Try again: spotrender retry \(job)", on: job)
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
                try await jobs.apply(.giveUp(failure), to: task.job, at: time.now())
            case .noteMissingAssembly(let job, let failure):
                try await noteMissingAssembly(of: job, failure)
            case .settleJob(let id):
                // Who ends any other task while the canary's last one sends would send it all once more.
                if task.number <= SplitPlan.canaryCount, let job = try await jobs.job(id),
                    job.state == .trying, job.isProven
                {
                    try await prove(job)
                } else {
                    try await settle(id)
                }
            }
        }
    }
}
