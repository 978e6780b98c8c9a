/// What a tick of the scaler sees.
package struct FleetView: Hashable, Sendable {
    package let now: Timestamp
    /// The open ones.
    package let jobs: [Job]
    /// Those that are not gone.
    package let workers: [WorkerRecord]
    package let spot: FleetGroup
    package let onDemand: FleetGroup
    /// Messages of tasks that only On-Demand workers may take, hidden ones too.
    package let reservedTasks: Int
    /// Those that still cool.
    package let refusals: [CapacityShortage]
    /// Of the last minutes.
    package let recentReclaims: [PoolReclaim]
    package let memory: FleetMemory

    package init(
        now: Timestamp, jobs: [Job], workers: [WorkerRecord], spot: FleetGroup,
        onDemand: FleetGroup, reservedTasks: Int = 0, refusals: [CapacityShortage] = [],
        recentReclaims: [PoolReclaim] = [], memory: FleetMemory = FleetMemory()
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
    }

    package var openTasks: Int { jobs.reduce(0) { $0 + $1.currentTaskCount } }
}

/// What a tick of the scaler does: to be stored first, and then done.
package struct FleetDecision: Hashable, Sendable {
    package struct GroupDecision: Hashable, Sendable {
        /// The group's new size, before any instance is ended; `nil` when it stays.
        package let desired: Int?
        /// Each makes the group smaller by its own units, if it is idle still.
        package let ending: [WorkerID]
    }

    package let spot: GroupDecision
    package let onDemand: GroupDecision
    /// The memory to be stored, with this tick's row.
    package let memory: FleetMemory
    package let demands: [JobDemand]

    /// This tick, as it is logged and shown.
    package var tick: FleetTick { memory.ticks[0] }
}
