/// What the scaler must remember from one tick to the next: one item, written by each tick before it
/// acts, and only over the revision that the tick has read. Of two ticks at once one is refused.
package struct FleetMemory: Hashable, Sendable {
    /// The last move of a group's size.
    package struct Move: Hashable, Sendable {
        package enum Direction: String, Hashable, Sendable, CaseIterable {
            case up
            case down
        }

        package let direction: Direction
        package let time: Timestamp
        /// The demand, in units and not rounded, that led to it.
        package let demand: Double

        package init(_ direction: Direction, at time: Timestamp, demand: Double) {
            self.direction = direction
            self.time = time
            self.demand = demand
        }
    }

    package var revision: Int
    package var moves: [WorkerRecord.Lifecycle: Move]
    /// Since when the Spot group has had fewer instances than it wants.
    package var shortSince: Timestamp?
    /// Instances whose worker says nothing, and since when.
    package var silent: [WorkerID: Timestamp]
    /// How often instances are taken away; workers read it, too.
    package var reclaims: ReclaimHistory
    /// What the last ticks decided, newest first.
    package var ticks: [FleetTick]
    /// Instances are being taken in numbers, and people hear of it.
    package var isInBurst: Bool
    /// Jobs at work whose owners hear, or heard, that their budget does not do.
    package var overBudget: Set<JobID>
    /// What people are still to be told.
    package var unnotified: [FleetNews]

    package init(
        revision: Int = 0, moves: [WorkerRecord.Lifecycle: Move] = [:],
        shortSince: Timestamp? = nil, silent: [WorkerID: Timestamp] = [:],
        reclaims: ReclaimHistory = ReclaimHistory(), ticks: [FleetTick] = [],
        isInBurst: Bool = false, overBudget: Set<JobID> = [], unnotified: [FleetNews] = []
    ) {
        self.revision = revision
        self.moves = moves
        self.shortSince = shortSince
        self.silent = silent
        self.reclaims = reclaims
        self.ticks = ticks
        self.isInBurst = isInBurst
        self.overBudget = overBudget
        self.unnotified = unnotified
    }

    /// Twenty minutes of ticks: what a person who looks wants to see, in some kilobytes.
    package static let ticksMax = 20
}

/// One tick's decision with its inputs and reasons: a row of the table that is logged and shown.
package struct FleetTick: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package let lifecycle: WorkerRecord.Lifecycle
        /// Units before, and as asked for.
        package let was: Int
        package let desired: Int
        package let inService: Int
        /// Units that may take tasks: neither draining nor at risk.
        package let usable: Int
        /// Units that the work is worth, not rounded.
        package let demand: Double
        /// Idle for longer than the grace: they are ended.
        package let ending: [WorkerID]
        /// In words.
        package let reason: String

        package init(
            lifecycle: WorkerRecord.Lifecycle, was: Int, desired: Int, inService: Int,
            usable: Int, demand: Double, ending: [WorkerID], reason: String
        ) {
            self.lifecycle = lifecycle
            self.was = was
            self.desired = desired
            self.inService = inService
            self.usable = usable
            self.demand = demand
            self.ending = ending
            self.reason = reason
        }
    }

    package let time: Timestamp
    package let openTasks: Int
    /// Seconds of render left, on one instance of one unit.
    package let backlogSeconds: Double
    package let rows: [Row]

    package init(time: Timestamp, openTasks: Int, backlogSeconds: Double, rows: [Row]) {
        self.time = time
        self.openTasks = openTasks
        self.backlogSeconds = backlogSeconds
        self.rows = rows
    }
}
