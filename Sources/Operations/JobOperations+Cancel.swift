package import Farm

extension JobOperations {
    /// Ends a job. From the first write on, no worker begins another of its tasks. A worker that
    /// renders one finds it canceled at its next look, and ends Blender.
    package func cancel(_ id: JobID) async throws(PortError) -> Outcome {
        let outcome = try await move(.cancel, id)
        var count: Int
        switch outcome {
        case .done(_, let canceled): count = canceled
        case .unfit(let job) where job.state.endsTasks:
            // An earlier cancellation was stopped half way.
            count = try await finishCancel(job) ?? 0
        case .unfit, .unknown: return outcome
        }
        guard let job = try await jobs.job(id) else { return .unknown }
        return .done(job, taskCount: count)
    }

    /// Cancels what is left of a job; how many tasks, or `nil` when the deadline came first.
    ///
    /// Tasks that are being rendered come first, however long the job is.
    package func finishCancel(
        _ job: Job, until deadline: Timestamp? = nil
    ) async throws(PortError) -> Int? {
        var count = 0
        for worker in try await workers.openWorkers() {
            let held = try await tasks.tasks(heldBy: worker.id)
            count += try await apply(.cancel, to: held.filter { $0.id.job == job.id }).count
        }
        var seen = 0
        func cancelAll() async throws(PortError) -> Bool {
            try await tasks.forEachPage(
                of: job.id, while: { deadline.map { time.now() < $0 } ?? true }
            ) { (page) async throws(PortError) in
                seen += page.count
                // Another caller may have canceled the last task, and a person may have retried
                // them.
                guard try await jobs.job(job.id)?.state.endsTasks == true else { return }
                count += try await apply(.cancel, to: page).count
            }
        }
        guard try await cancelAll() else { return nil }
        if seen < job.writtenTaskCount {
            // The splitter died or still writes: counts add up only when all tasks are there.
            let completion = CompleteSplit(
                jobs: jobs, tasks: tasks, queue: queue, time: time)
            guard try await completion.writeTasks(of: job, until: deadline), try await cancelAll()
            else { return nil }
        }
        // When all tasks had ended before, nobody else settles the job.
        try await operations.settle(job.id)
        return count
    }
}
