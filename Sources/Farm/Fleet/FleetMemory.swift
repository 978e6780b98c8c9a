/// What the scaler remembers from one tick to the next: one item. Each tick writes it before it
/// acts, and only over the revision that it has read. When two ticks run at once, one of them is
/// refused.
package struct FleetMemory: Hashable, Sendable {
    /// The last change of a group's size.
    package struct Move: Hashable, Sendable {
        package enum Direction: String, Hashable, Sendable, CaseIterable {
            case up
            case down
        }

        package let direction: Direction
        package let time: Timestamp
        /// The demand that led to it, in units, not rounded.
        package let demand: Double

        package init(_ direction: Direction, at time: Timestamp, demand: Double) {
            self.direction = direction
            self.time = time
            self.demand = demand
        }
    }

    package var revision: Int
    package var moves: [WorkerRecord.Lifecycle: Move]
    /// Since when the Spot group has had fewer instances than desired.
    package var shortSince: Timestamp?
    /// Instances without a worker record, and since when.
    package var unregistered: [WorkerID: Timestamp]
    /// How often EC2 reclaims instances. Workers read it too.
    package var reclaims: ReclaimHistory
    /// The decisions of the last ticks, newest first.
    package var ticks: [FleetTick]
    /// An interruption burst is going on. Its notification has been queued or sent.
    package var isInBurst: Bool
    /// Active jobs with a queued or sent notification about their budget.
    package var overBudget: Set<JobID>
    /// Notifications that have not been sent yet.
    package var unnotified: [FleetNews]

    package init(
        revision: Int = 0, moves: [WorkerRecord.Lifecycle: Move] = [:],
        shortSince: Timestamp? = nil, unregistered: [WorkerID: Timestamp] = [:],
        reclaims: ReclaimHistory = ReclaimHistory(), ticks: [FleetTick] = [],
        isInBurst: Bool = false, overBudget: Set<JobID> = [], unnotified: [FleetNews] = []
    ) {
        self.revision = revision
        self.moves = moves
        self.shortSince = shortSince
        self.unregistered = unregistered
        self.reclaims = reclaims
        self.ticks = ticks
        self.isInBurst = isInBurst
        self.overBudget = overBudget
        self.unnotified = unnotified
    }

    /// Twenty minutes of ticks, in a few kilobytes.
    package static let ticksMax = 20
}

/// One tick's decision with its inputs and reasons. It is logged and shown.
package struct FleetTick: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package let lifecycle: WorkerRecord.Lifecycle
        /// Units before the tick.
        package let was: Int
        package let desired: Int
        package let inService: Int
        /// Units that may take tasks: neither draining nor cooling.
        package let usable: Int
        /// Units that the open work needs, not rounded.
        package let demand: Double
        /// Instances that are ended: idle for longer than the grace, or lost.
        package let ending: [WorkerID]
        /// A sentence for people.
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
    /// Remaining render time in seconds, on one instance of one unit.
    package let backlogSeconds: Double
    package let rows: [Row]
    /// Items of the table that the scaler left out since the tick before.
    package let unreadable: UnreadableCount

    package init(
        time: Timestamp, openTasks: Int, backlogSeconds: Double, rows: [Row],
        unreadable: UnreadableCount = UnreadableCount()
    ) {
        self.time = time
        self.openTasks = openTasks
        self.backlogSeconds = backlogSeconds
        self.rows = rows
        self.unreadable = unreadable
    }
}
