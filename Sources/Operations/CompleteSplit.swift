package import Farm

/// Completes a job in `splitting`: writes its tasks, sends their messages, moves the job.
///
/// The splitter, the repair and a cancellation use it. Each step may be repeated without harm.
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
        // Workers may have rendered the canary while these messages were sent.
        guard let split = try await jobs.apply(.split, to: job.id, at: time.now()) else { return }
        let operations = TaskOperations(jobs: jobs, tasks: tasks, queue: queue, time: time)
        for effect in split.effects {
            try await operations.perform(effect, of: split.to, until: deadline)
        }
    }

    /// Continues where the splitter was killed, page by page; `false` when the deadline came before
    /// all tasks were written. The next call continues.
    ///
    /// When the deadline comes before all messages are sent, the job is split all the same: the
    /// repair sends missing messages.
    package func resume(_ job: Job, until deadline: Timestamp) async throws(PortError) -> Bool {
        guard try await writeTasks(of: job, until: deadline) else { return false }
        try await sendMessages(of: job, until: deadline)
        return true
    }

    /// Writes the missing tasks; `false` when the deadline came first.
    package func writeTasks(
        of job: Job, until deadline: Timestamp?
    ) async throws(PortError) -> Bool {
        let planned = SplitPlan.tasks(of: job)
        // Tasks are written in order, so the tasks that exist are the first ones.
        var written = 0
        try await tasks.forEachPage(of: job.id, pageSize: Self.page) {
            (page) async throws(PortError) in written = page.last?.id.number ?? written
        }
        while written < planned.count {
            if let deadline, time.now() >= deadline { return false }
            let end = min(written + Self.page, planned.count)
            try await tasks.create(Array(planned[written..<end]))
            written = end
        }
        return true
    }

    /// Some seconds of calls, so that the deadline is checked often enough.
    private static let page = 1_000
}
