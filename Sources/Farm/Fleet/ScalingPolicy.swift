/// How many instances the work is worth. Pure: demand in, decision out.
///
/// Demand is work, not messages: the seconds of render left over the time the user wants it in,
/// never more instances than tasks are open. Zero work is zero instances; while there is work
/// the fleet never shrinks, since Auto Scaling would not ask which instance is busy.
package struct ScalingPolicy: Hashable, Sendable {
    /// The time in which the open work should be done.
    package let turnAround: Duration
    /// Used until a job's first frames are measured.
    package let assumedSecondsPerFrame: Double
    package let least: Int
    package let most: Int

    package init(
        turnAround: Duration, assumedSecondsPerFrame: Double = 60, least: Int, most: Int
    ) {
        precondition(turnAround > .zero, "Work needs some time to be done in.")
        precondition(0 <= least && least <= most, "A fleet's least size is at most its most.")
        self.turnAround = turnAround
        self.assumedSecondsPerFrame = assumedSecondsPerFrame
        self.least = least
        self.most = most
    }

    package struct Decision: Hashable, Sendable {
        package let desired: Int
        package let openTasks: Int
        package let backlogSeconds: Double
        /// In words, for the log.
        package let reason: String
    }

    package func decide(jobs: [Job], capacity: FleetCapacity) -> Decision {
        let openTasks = jobs.reduce(0) { $0 + $1.openTaskCount }
        let backlog = jobs.reduce(0) { $0 + backlogSeconds($1) }
        let wanted = min(openTasks, Int((backlog / turnAround.seconds).rounded(.up)))
        let bounded = min(max(wanted, least, capacity.least), most, capacity.most)
        func decision(_ desired: Int, _ reason: String) -> Decision {
            Decision(
                desired: desired, openTasks: openTasks, backlogSeconds: backlog, reason: reason)
        }
        if openTasks == 0 {
            return decision(max(least, capacity.least), "no work is open")
        }
        if bounded < capacity.desired {
            return decision(capacity.desired, "work is open, so no instance is taken away")
        }
        if bounded < wanted { return decision(bounded, "the fleet is at its most") }
        return decision(bounded, "\(Int(backlog.rounded())) s of render are left")
    }

    private func backlogSeconds(_ job: Job) -> Double {
        let perFrame = job.tally.secondsPerFrame ?? assumedSecondsPerFrame
        return Double(job.openTaskCount * job.chunk) * perFrame
    }
}
