package import Farm

extension JobOperations {
    /// Puts failed tasks back into the queue with fresh budgets, and canceled ones too unless
    /// `failedOnly`. The job is open again, and its pictures are assembled anew once the tasks have
    /// ended. Where only the assembly failed, only the assembly is retried.
    ///
    /// Tasks move first: an open job without an open task would settle, and a job whose canary
    /// failed would be given up. Messages come last, since workers drop those of a job that is not
    /// open. A caller that dies half way leaves a job that waits for another retry.
    package func retry(_ id: JobID, failedOnly: Bool) async throws(PortError) -> Outcome {
        guard let job = try await jobs.job(id) else { return .unknown }
        // An earlier retry died before it opened the job.
        let isTorn = job.state.isSettled && (job.openTaskCount > 0 || job.isAssemblyDue)
        let assembly = job.terms.assembles ? try await tasks.task(job.assembly) : nil
        guard !job.state.endsTasks,
            isTorn || job.tally.failed + (failedOnly ? 0 : job.tally.canceled) > 0
                || assembly?.state.isRetried(failedOnly: failedOnly) ?? false
        else { return .unfit(job) }
        var retried: [RenderTask] = []
        try await tasks.forEachPage(of: id) { (page) async throws(PortError) in
            retried += try await apply(
                .retry,
                to: page.filter {
                    $0.work == .frames && $0.state.isRetried(failedOnly: failedOnly)
                })
        }
        try await operations.reopen(job)
        guard let job = try await jobs.job(id) else { return .unknown }
        var count = retried.count
        if isTorn {
            count = try await sendMessages(of: job)
        } else {
            try await queue.send(retried.filter(job.allows).map(\.message), after: .zero)
        }
        // With no frame to render, only the assembly is left.
        guard let settled = try await operations.settle(id)?.moved else {
            return .done(job, taskCount: count)
        }
        return .done(settled, taskCount: settled.currentTaskCount)
    }
}

extension RenderTask.State {
    fileprivate func isRetried(failedOnly: Bool) -> Bool {
        switch self {
        case .failed: true
        case .canceled: !failedOnly
        case .queued, .leased, .succeeded: false
        }
    }
}
