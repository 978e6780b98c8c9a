/// The input of a scaler tick.
package struct FleetView: Hashable, Sendable {
    package let now: Timestamp
    /// All open jobs.
    package let jobs: [Job]
    /// All workers that are not gone.
    package let workers: [WorkerRecord]
    package let spot: FleetGroup
    package let onDemand: FleetGroup
    /// Messages of tasks that only On-Demand workers may take, including hidden messages.
    package let reservedTasks: Int
    /// Shortages that still count.
    package let refusals: [CapacityShortage]
    /// Reclaims of the last minutes.
    package let recentReclaims: [PoolReclaim]
    package let memory: FleetMemory
    /// Items of the table that were left out.
    package let unreadable: UnreadableCount

    package init(
        now: Timestamp, jobs: [Job], workers: [WorkerRecord], spot: FleetGroup,
        onDemand: FleetGroup, reservedTasks: Int = 0, refusals: [CapacityShortage] = [],
        recentReclaims: [PoolReclaim] = [], memory: FleetMemory = FleetMemory(),
        unreadable: UnreadableCount = UnreadableCount()
    ) {
        self.now = now
        self.jobs = jobs
        self.workers = workers
        self.spot = spot
        self.onDemand = onDemand
        self.reservedTasks = reservedTasks
        self.refusals = refusals
        self.recentReclaims = recentReclaims
        self.memory = memory
        self.unreadable = unreadable
    }

    package var openTasks: Int { jobs.reduce(0) { $0 + $1.currentTaskCount } }
}

/// The output of a scaler tick. The memory is stored first, then the decision is carried out.
package struct FleetDecision: Hashable, Sendable {
    package struct GroupDecision: Hashable, Sendable {
        /// The group's new size before any instance is ended; `nil` when it stays.
        package let desired: Int?
        /// Instances to end if they are still idle. Each reduces the group by its own units.
        package let ending: [WorkerID]
    }

    package let spot: GroupDecision
    package let onDemand: GroupDecision
    /// The memory to store, with this tick.
    package let memory: FleetMemory
    package let demands: [JobDemand]

    /// This tick for logs and people.
    package var tick: FleetTick { memory.ticks[0] }
}
