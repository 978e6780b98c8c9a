package import Farm

extension SteerJob {
    /// Puts tasks that failed, and unless `failedOnly` those that were canceled too, back into the
    /// queue with fresh budgets. The job is open again, and assembled anew once they have ended; that alone
    /// is tried again where it failed and no frame did.
    package func retry(_ id: JobID, failedOnly: Bool) async throws(PortError) -> Outcome {
        guard let job = try await jobs.job(id) else { return .unknown }
        // Settled by the repair while an earlier call was at work, which then died.
        let isTorn = job.state.isSettled && (job.openTaskCount > 0 || job.isAssemblyDue)
        let assembly = job.terms.assembles ? try await tasks.task(job.assembly) : nil
        guard !job.state.endsTasks, job.state != .assembling,
            isTorn || job.tally.failed + (failedOnly ? 0 : job.tally.canceled) > 0
                || assembly?.state.isRetried(failedOnly: failedOnly) ?? false
        else { return .unfit(job) }
        var count = 0
        if job.isCanaryDead {
            // Before the job is open again, since the repair gives up one whose canary is dead.
            let canary = try await tasks.tasks(of: id, after: 0, limit: SplitPlan.canaryCount)
            count += try await apply(
                .retry, to: canary.filter { $0.state.isRetried(failedOnly: failedOnly) })
        }
        // The job first: of a settled one workers drop the messages.
        try await jobs.apply(.reopen, to: id, at: time.now())
        if let assembly, assembly.state.isTerminal {
            count += try await apply(.retry, to: [assembly])
            try await jobs.remark(nil, on: id)
        }
        _ = try await forEachPage(of: id) { (page) async throws(PortError) in
            let retried = page.filter {
                $0.work == .frames && $0.state.isRetried(failedOnly: failedOnly)
            }
            count += try await apply(.retry, to: retried)
        }
        // Before its first task was back the repair may have settled it once more. Now that one is,
        // nobody can.
        let isReopened = try await jobs.apply(.reopen, to: id, at: time.now()) != nil
        guard let job = try await jobs.job(id) else { return .unknown }
        if isTorn || isReopened {
            _ = try await sendMessages(of: job)
        }
        // With no frame to render, what is left is the assembly.
        return .done(try await ledger.settle(id) ?? job, taskCount: count)
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
