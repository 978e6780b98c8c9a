package import Farm

/// Writes what a job in `splitting` still lacks: tasks, then messages, then that it is split.
///
/// Shared by the splitter, the repair and who cancels a job in it. Each step may be done again without harm.
package struct CompleteSplit: Sendable {
    private let jobs: any JobStore
    private let tasks: any TaskStore
    private let queue: any TaskQueue
    private let time: any TimeSource

    package init(
        jobs: any JobStore, tasks: any TaskStore, queue: any TaskQueue, time: any TimeSource
    ) {
        self.jobs = jobs
        self.tasks = tasks
        self.queue = queue
        self.time = time
    }

    package func complete(_ job: Job) async throws(PortError) {
        try await tasks.create(SplitPlan.tasks(of: job))
        try await sendMessages(of: job, until: nil)
    }

    private func sendMessages(
        of job: Job, until deadline: Timestamp?
    ) async throws(PortError) {
        let waiting = SplitPlan.tasks(of: job).filter(job.allows)
        try await queue.send(waiting.map(\.message), until: deadline, by: time)
        guard let split = try await jobs.apply(.split, to: job.id, at: time.now()),
            split.state == .trying, split.isProven
        else { return }
        // Its canary was rendered meanwhile, by workers to whom the job was not tried yet.
        try await TaskOperations(jobs: jobs, tasks: tasks, queue: queue, time: time)
            .prove(split, until: deadline)
    }

    /// Goes on where the splitter was killed, page by page; `false` when the time did not suffice
    /// for all tasks, and the next call goes on.
    ///
    /// If it did not suffice for all messages, the job is split all the same: messages that are
    /// missing are sent by the repair's own pass.
    package func resume(_ job: Job, until deadline: Timestamp) async throws(PortError) -> Bool {
        guard try await writeTasks(of: job, until: deadline) else { return false }
        try await sendMessages(of: job, until: deadline)
        return true
    }

    /// Those that are not there; `false` when the time did not suffice.
    package func writeTasks(
        of job: Job, until deadline: Timestamp?
    ) async throws(PortError) -> Bool {
        let planned = SplitPlan.tasks(of: job)
        // Tasks are written in order, so those that are there are the first ones.
        var written = try await lastTask(of: job.id)
        while written < planned.count {
            if let deadline, time.now() >= deadline { return false }
            let end = min(written + Self.page, planned.count)
            try await tasks.create(Array(planned[written..<end]))
            written = end
        }
        return true
    }

    private func lastTask(of job: JobID) async throws(PortError) -> Int {
        var last = 0
        // Ends: a job has no more tasks than frames may be.
        while last <= SplitPlan.framesMax {
            let page = try await tasks.tasks(of: job, after: last, limit: Self.page)
            guard let end = page.last else { break }
            last = end.id.number
        }
        return last
    }

    /// Some seconds of calls: so often the time is looked at.
    private static let page = 1_000
}
