package import Farm

extension SteerJob {
    /// Puts tasks that failed, and unless `failedOnly` those that were canceled too, back into the
    /// queue with fresh budgets. The job is open again, and assembled anew once they have ended; that alone
    /// is tried again where it failed and no frame did.
    ///
    /// The tasks first: an open job without an open task would settle, and one whose canary is dead be given
    /// up. Messages come last, since those of a job that is not open are dropped. Who dies half way leaves a
    /// job that waits to be tried again.
    package func retry(_ id: JobID, failedOnly: Bool) async throws(PortError) -> Outcome {
        guard let job = try await jobs.job(id) else { return .unknown }
        // An earlier call died before it opened the job.
        let isTorn = job.state.isSettled && (job.openTaskCount > 0 || job.isAssemblyDue)
        let assembly = job.terms.assembles ? try await tasks.task(job.assembly) : nil
        guard !job.state.endsTasks,
            isTorn || job.tally.failed + (failedOnly ? 0 : job.tally.canceled) > 0
                || assembly?.state.isRetried(failedOnly: failedOnly) ?? false
        else { return .unfit(job) }
        var retried: [RenderTask] = []
        _ = try await forEachPage(of: id) { (page) async throws(PortError) in
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
        // With no frame to render, what is left is the assembly.
        guard let moved = try await operations.settle(id) else {
            return .done(job, taskCount: count)
        }
        return .done(moved, taskCount: moved.currentTaskCount)
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
