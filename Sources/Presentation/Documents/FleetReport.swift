package import Farm

/// The fleet for programs: what `spotrender fleet --json` prints and the scaler answers.
package struct FleetReport: Hashable, Sendable, Encodable {
    package struct Tick: Hashable, Sendable, Encodable {
        package struct Row: Hashable, Sendable, Encodable {
            /// `spot` or `on-demand`.
            package let group: String
            package let was: Int
            package let desired: Int
            package let inService: Int
            package let usable: Int
            package let demand: Double
            package let ending: [String]
            package let reason: String
        }

        /// Milliseconds since the Unix epoch.
        package let time: Int64
        package let openTasks: Int
        package let backlogSeconds: Double
        package let rows: [Row]

        package init(_ tick: FleetTick) {
            time = tick.time.milliseconds
            openTasks = tick.openTasks
            backlogSeconds = tick.backlogSeconds
            rows = tick.rows.map { row in
                Row(
                    group: row.lifecycle.rawValue, was: row.was, desired: row.desired,
                    inService: row.inService, usable: row.usable, demand: row.demand,
                    ending: row.ending.map(\.rawValue), reason: row.reason)
            }
        }
    }

    package struct Worker: Hashable, Sendable, Encodable {
        package let instance: String
        package let group: String
        package let type: String
        package let zone: String
        package let state: String
        /// Milliseconds since the Unix epoch, as all times here.
        package let since: Int64
        package let seen: Int64
        package let pricePerHour: Double?
        package let framesDone: Int
        package let graphics: String?
        /// As in `scene-1a2b3c4d/12`.
        package let task: String?
        package let coolingUntil: Int64?

        package init(_ worker: WorkerRecord) {
            instance = worker.id.rawValue
            group = worker.lifecycle.rawValue
            type = worker.pool.instanceType
            zone = worker.pool.zone
            state = worker.state.rawValue
            since = worker.since.milliseconds
            seen = worker.seen.milliseconds
            pricePerHour = worker.pricePerHour
            framesDone = worker.framesDone
            graphics = worker.graphics
            task = worker.progress.map { "\($0.task)" }
            coolingUntil = worker.coolingUntil?.milliseconds
        }
    }

    package struct Group: Hashable, Sendable, Encodable {
        package let name: String
        package let desired: Int
        package let inService: Int
        package let unitsMax: Int
        /// Instances by id, and whether Auto Scaling keeps them from scale-in.
        package let isProtected: [String: Bool]

        package init(_ group: FleetGroup) {
            name = group.lifecycle.rawValue
            desired = group.desired
            inService = group.inServiceCount
            unitsMax = group.unitsMax
            isProtected = Dictionary(
                group.members.map { ($0.id.rawValue, $0.isProtected) }, uniquingKeysWith: { $1 })
        }
    }

    package struct Refusal: Hashable, Sendable, Encodable {
        package let group: String
        package let zone: String
        package let since: Int64
        package let coolingUntil: Int64
        package let message: String

        package init(_ refusal: CapacityShortage) {
            group = refusal.lifecycle.rawValue
            zone = refusal.zone
            since = refusal.time.milliseconds
            coolingUntil = refusal.coolingUntil.milliseconds
            message = refusal.message
        }
    }

    package let groups: [Group]
    package let workers: [Worker]
    package let refusals: [Refusal]
    /// Newest first.
    package let ticks: [Tick]

    package init(
        groups: [FleetGroup], workers: [WorkerRecord], refusals: [CapacityShortage],
        ticks: [FleetTick]
    ) {
        self.groups = groups.map { Group($0) }
        self.workers = workers.map { Worker($0) }
        self.refusals = refusals.map { Refusal($0) }
        self.ticks = ticks.map { Tick($0) }
    }
}
