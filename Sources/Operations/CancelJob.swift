package import Farm

extension SteerJob {
    /// Ends a job. From the first write on no worker begins another of its tasks; those that render
    /// one find it canceled when they next look, and end Blender.
    package func cancel(_ id: JobID) async throws(PortError) -> Outcome {
        let outcome = try await move(.cancel, id)
        switch outcome {
        case .done(let job, _), .unfit(let job):
            guard job.state.endsTasks else { return outcome }
            let count = try await finishCancel(job) ?? 0
            guard let job = try await jobs.job(id) else { return .unknown }
            return .done(job, taskCount: count)
        case .unknown:
            return .unknown
        }
    }

    /// Cancels what is left of a job; how many tasks, or `nil` when the time did not
    /// suffice for all of them.
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
            try await forEachPage(of: job.id, until: deadline) {
                (page) async throws(PortError) in
                seen += page.count
                // Another may have canceled the last of them meanwhile, and somebody tried them again.
                guard try await jobs.job(job.id)?.state.endsTasks == true else { return }
                count += try await apply(.cancel, to: page).count
            }
        }
        guard try await cancelAll() else { return nil }
        if seen < job.writtenTaskCount {
            // Its splitter died, or is still at work: counts add up only when all tasks are there.
            let completion = CompleteSplit(jobs: jobs, tasks: tasks, queue: queue, time: time)
            guard try await completion.writeTasks(of: job, until: deadline), try await cancelAll()
            else { return nil }
        }
        // When all had ended before, nobody else settles it.
        try await jobs.apply(.settle, to: job.id, at: time.now())
        return count
    }
}
