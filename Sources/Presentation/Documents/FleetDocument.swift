package import Farm

/// The fleet, and the scaler's latest decisions.
package struct FleetDocument: Document, Hashable {
    package struct Group: Encodable, Hashable, Sendable {
        package struct Instance: Encodable, Hashable, Sendable {
            let worker: String
            /// Whether Auto Scaling must not end the instance when the group shrinks.
            let isProtected: Bool
        }

        let lifecycle: String
        let unitsDesired: Int
        let unitsInService: Int
        let unitsMax: Int
        let instances: [Instance]

        init(_ group: FleetGroup) {
            lifecycle = group.lifecycle.rawValue
            unitsDesired = group.desired
            unitsInService = group.inServiceCount
            unitsMax = group.unitsMax
            instances = group.members.map {
                Instance(worker: $0.id.rawValue, isProtected: $0.isProtected)
            }.sorted { $0.worker < $1.worker }
        }
    }

    /// EC2 had no capacity; the scaler asks again at `until`.
    package struct Shortage: Encodable, Hashable, Sendable {
        let lifecycle: String
        let zone: String
        let since: String
        let until: String
        let message: String

        init(_ shortage: CapacityShortage) {
            lifecycle = shortage.lifecycle.rawValue
            zone = shortage.zone
            since = Format.time(shortage.time)
            until = Format.time(shortage.coolingUntil)
            message = shortage.message
        }
    }

    /// Items of the table that the scaler or this command left out.
    package struct Unreadable: Encodable, Hashable, Sendable {
        let count: Int
        /// The first ones.
        let names: [String]
    }

    let groups: [Group]
    let workers: [WorkerDocument]
    let capacityShortages: [Shortage]
    /// Newest first.
    let decisions: [FleetDecisionDocument]
    let unreadableItems: Unreadable

    package init(
        groups: [FleetGroup], workers: [WorkerRecord], shortages: [CapacityShortage],
        ticks: [FleetTick], unreadable: UnreadableCount = UnreadableCount()
    ) {
        unreadableItems = Unreadable(count: unreadable.count, names: unreadable.names)
        self.groups = groups.map { Group($0) }
        self.workers = workers.map { WorkerDocument($0) }
        capacityShortages = shortages.map { Shortage($0) }
        decisions = ticks.map { FleetDecisionDocument($0) }
    }
}

/// One decision of the fleet scaler: what `spotrender fleet` lists and the scaler answers.
package struct FleetDecisionDocument: Document, Hashable {
    package struct Group: Encodable, Hashable, Sendable {
        let lifecycle: String
        /// Units asked for before, and from now on.
        let unitsBefore: Int
        let unitsDesired: Int
        let unitsInService: Int
        /// Units that may take tasks: neither draining nor at risk.
        let unitsUsable: Int
        /// Units that the work is worth, not rounded.
        let unitsNeeded: Double
        /// Workers whose instances the scaler ends.
        let endingWorkers: [String]
        let reason: String

        init(_ row: FleetTick.Row) {
            lifecycle = row.lifecycle.rawValue
            unitsBefore = row.was
            unitsDesired = row.desired
            unitsInService = row.inService
            unitsUsable = row.usable
            unitsNeeded = row.demand
            endingWorkers = row.ending.map(\.rawValue)
            reason = row.reason
        }
    }

    let time: String
    let tasksOpen: Int
    /// Render time left, on one instance of one unit.
    let backlogSeconds: Double
    let groups: [Group]

    package init(_ tick: FleetTick) {
        time = Format.time(tick.time)
        tasksOpen = tick.openTasks
        backlogSeconds = tick.backlogSeconds
        groups = tick.rows.map { Group($0) }
    }
}
