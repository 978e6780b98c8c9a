/// One move of a task: stored whole or not at all, and only from `from.revision`.
package struct TaskTransition: Hashable, Sendable {
    package let from: RenderTask
    package let to: RenderTask
    /// Written in the same transaction when a lease ends: there are as many attempts as leases.
    package let attempt: Attempt?
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

    /// What the same transaction adds to the job; zero for leases and renewals, so that the job's
    /// item is written once per attempt and not every thirty seconds.
    package var tally: JobTally {
        var tally = JobTally()
        switch to.state {
        case .queued, .leased: break
        case .succeeded: tally.succeeded = 1
        case .failed: tally.failed = 1
        case .canceled: tally.canceled = 1
        }
        switch attempt?.outcome {
        case .succeeded:
            tally.frames = to.frames.count
            tally.measuredFrames = attempt?.report?.frameCount ?? 0
            tally.renderMilliseconds = attempt?.report?.renderMilliseconds ?? 0
        case .failed: tally.failures = 1
        case .interrupted, .expired: tally.interruptions = 1
        case .canceled, nil: break
        }
        return tally
    }
}
