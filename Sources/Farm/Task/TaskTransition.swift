/// One move of a task: stored whole or not at all, and only from `from.revision`.
package struct TaskTransition: Hashable, Sendable {
    package let from: RenderTask
    package let to: RenderTask
    /// Written in the same transaction when a lease ends: there are as many attempts as leases.
    package let attempt: Attempt?
    /// The most moves in one transaction. With an attempt each and the job they are 99 items, and
    /// DynamoDB takes 100.
    package static let togetherMax = 49

    /// To be performed in order, once stored.
    package let effects: [RenderTask.Effect]

    init(
        from: RenderTask, to: RenderTask, attempt: Attempt? = nil,
        effects: [RenderTask.Effect] = []
    ) {
        self.from = from
        self.to = to
        self.attempt = attempt
        self.effects = effects
    }

    /// What the same transaction adds to the job's counts. Zero for leases and renewals, so that
    /// the job's item is written once per attempt and not every thirty seconds.
    package var tally: JobTally {
        // Frames that a failed or interrupted attempt stored are not rendered again. An assembly
        // finds the same blank frames once more.
        let blankFrames = to.work == .frames ? attempt?.report?.blankFrames.count : nil
        var tally = JobTally(
            cost: attempt?.cost ?? .zero, blankFrames: blankFrames ?? 0)
        // A retried task counts as open again.
        tally.count(from, by: -1)
        tally.count(to, by: 1)
        if to.isFrameCounted, !from.isFrameCounted { tally.frames += 1 }
        switch attempt?.outcome {
        case .succeeded where to.work == .assembly: break
        case .succeeded:
            // A frame of several tasks is counted when it is stored, not with one of its tasks.
            if to.share.count == 1 { tally.frames += to.frames.count }
            if let attempt, let time = attempt.report?.frameTime {
                tally.measuredFrames = time.frames
                tally.renderMilliseconds = time.milliseconds
                tally.byType[attempt.pool.instanceType] = time
            }
        case .failed: tally.failures = 1
        case .interrupted, .expired: tally.interruptions = 1
        case .canceled, nil: break
        }
        return tally
    }
}

extension RenderTask {
    /// What the caller must do, in order, once the new state is stored.
    package enum Effect: Hashable, Sendable {
        case enqueue(TaskMessage, delay: Duration)
        case deadLetter(TaskID, RenderFailure)
        /// The job may have no hope any more: its rules decide.
        case giveUpJob(JobID, RenderFailure)
        /// Its pictures will not be assembled: for the job's owner.
        case noteMissingAssembly(JobID, RenderFailure)
        case settleJob(JobID)
    }

    package enum TransitionError: Error, Hashable, Sendable {
        /// The event comes from a worker that has lost its lease.
        case stale(presented: FencingToken, current: FencingToken)
        case illegal(Event, in: State)
        /// Its worker has promised to be done by then: leave it alone.
        case promised(until: Timestamp)
    }
}

extension JobTally {
    fileprivate mutating func count(_ task: RenderTask, by step: Int) {
        guard task.work == .frames else {
            if task.state.isTerminal { assemblies += step }
            return
        }
        switch task.state {
        case .queued, .leased: break
        case .succeeded: succeeded += step
        case .failed: failed += step
        case .canceled: canceled += step
        }
    }
}
