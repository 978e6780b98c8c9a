package import Farm
import Synchronization

/// Worker records in memory.
package actor InMemoryWorkerStore: WorkerStore {
    private var workers: [WorkerID: WorkerRecord] = [:]
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func save(_ worker: WorkerRecord) async throws(PortError) -> WorkerRecord? {
        try await faults.enter(.saveWorker)
        guard workers[worker.id]?.revision ?? 0 == worker.revision else { return nil }
        var next = worker
        next.revision += 1
        workers[worker.id] = next
        return next
    }

    package func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord? {
        try await faults.enter(.readWorker)
        return workers[id]
    }

    package func openWorkers() async throws(PortError) -> [WorkerRecord] {
        try await faults.enter(.listWorkers)
        return workers.values.filter { $0.state != .gone }
            .sorted { $0.id.rawValue < $1.id.rawValue }
    }
}

/// Two groups in memory. `setDesired` changes only the number. `start` starts the instances.
package actor InMemoryFleet: Fleet {
    private var groups: [WorkerRecord.Lifecycle: FleetGroup]
    private var startedCount = 0
    private let faults: Faults
    package private(set) var completed: [LifecycleAction] = []
    package private(set) var ended: [WorkerID] = []

    package init(
        desired: Int = 0, unitsMax: Int = 10, onDemandMax: Int = 2, faults: Faults = Faults()
    ) {
        groups = [
            .spot: FleetGroup(lifecycle: .spot, desired: desired, unitsMin: 0, unitsMax: unitsMax),
            .onDemand: FleetGroup(
                lifecycle: .onDemand, desired: 0, unitsMin: 0, unitsMax: onDemandMax),
        ]
        self.faults = faults
    }

    package func spot() async throws(PortError) -> FleetGroup { try await read(.spot) }

    package func onDemand() async throws(PortError) -> FleetGroup { try await read(.onDemand) }

    private func read(_ lifecycle: WorkerRecord.Lifecycle) async throws(PortError) -> FleetGroup {
        try await faults.enter(.readGroup)
        guard let group = groups[lifecycle] else {
            preconditionFailure("Both groups are there from the start.")
        }
        return group
    }

    /// Refuses a number outside the group's bounds, as Auto Scaling does.
    package func setDesired(
        _ units: Int, of lifecycle: WorkerRecord.Lifecycle
    ) async throws(PortError) {
        try await faults.enter(.setDesired)
        guard let group = groups[lifecycle], (group.unitsMin...group.unitsMax).contains(units)
        else {
            throw PortError(
                .malformed, "set the fleet to \(units)", "it is outside the group's bounds")
        }
        groups[lifecycle] = group.with(desired: units)
    }

    package func end(_ instance: WorkerID) async throws(PortError) {
        try await faults.enter(.endInstance)
        for (lifecycle, group) in groups {
            guard let member = group.members.first(where: { $0.id == instance }) else { continue }
            groups[lifecycle] = group.with(
                desired: group.desired - member.units,
                members: group.members.filter { $0.id != instance })
            ended.append(instance)
        }
    }

    package func complete(_ action: LifecycleAction) async throws(PortError) {
        try await faults.enter(.completeAction)
        completed.append(action)
    }

    /// Starts instances up to the desired number; the new ones.
    @discardableResult
    package func start(_ lifecycle: WorkerRecord.Lifecycle = .spot) -> [WorkerID] {
        guard let group = groups[lifecycle] else { return [] }
        var members = group.members
        var new: [WorkerID] = []
        while members.count < group.desired {
            startedCount += 1
            new.append(WorkerID("i-\(startedCount)"))
            members.append(FleetGroup.Member(id: new[new.count - 1], isProtected: true))
        }
        groups[lifecycle] = group.with(desired: group.desired, members: members)
        return new
    }
}

extension FleetGroup {
    fileprivate func with(desired: Int, members: [Member]? = nil) -> FleetGroup {
        FleetGroup(
            lifecycle: lifecycle, desired: desired, unitsMin: unitsMin, unitsMax: unitsMax,
            weights: weights,
            members: members ?? self.members)
    }
}

/// The scaler's memory, capacity shortages and reclaims, in memory.
package actor InMemoryFleetStore: FleetStore {
    private var current = FleetMemory()
    private var noted: [String: CapacityShortage] = [:]
    private var reclaimed: Set<PoolReclaim> = []
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func memory() async throws(PortError) -> FleetMemory {
        try await faults.enter(.readMemory)
        return current
    }

    package func save(_ memory: FleetMemory) async throws(PortError) -> Bool {
        try await faults.enter(.saveMemory)
        guard memory.revision == current.revision else { return false }
        current = memory
        current.revision += 1
        return true
    }

    package func note(_ refusal: CapacityShortage) async throws(PortError) {
        try await faults.enter(.noteRefusal)
        let pool = "\(refusal.lifecycle.rawValue) \(refusal.zone)"
        noted[pool] = noted[pool].map { refusal.following($0) } ?? refusal
    }

    package func refusals(at now: Timestamp) async throws(PortError) -> [CapacityShortage] {
        try await faults.enter(.listRefusals)
        return noted.values.filter { now < $0.coolingUntil }
    }

    package func note(_ reclaim: PoolReclaim) async throws(PortError) {
        try await faults.enter(.noteReclaim)
        reclaimed.insert(reclaim)
    }

    package func reclaims(since start: Timestamp) async throws(PortError) -> [PoolReclaim] {
        try await faults.enter(.listReclaims)
        return reclaimed.filter { $0.time >= start }.sorted { $0.time < $1.time }
    }
}

/// Scale-in protection in memory.
package actor InMemoryProtection: InstanceProtection {
    package private(set) var isProtected = false
    /// How often it was set, to any value.
    package private(set) var setCount = 0
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func protect(_ isProtected: Bool) async throws(PortError) {
        try await faults.enter(.protect)
        self.isProtected = isProtected
        setCount += 1
    }
}

/// A constant price.
package struct FixedPrices: InstancePrices {
    private let price: Money?
    private let faults: Faults

    package init(_ price: Money?, faults: Faults = Faults()) {
        self.price = price
        self.faults = faults
    }

    package func prices(
        from start: Timestamp, to end: Timestamp
    ) async throws(PortError) -> [PriceStep] {
        try await faults.enter(.readPrices)
        return price.map { [PriceStep(time: start, price: $0)] } ?? []
    }
}

/// An instance's notice in memory: none until `post`.
package final class InMemoryNotices: NoticeSource {
    private let current = Mutex<[Notice]>([])
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func post(_ notice: Notice) {
        current.withLock { $0.append(notice) }
    }

    package func notices() async throws(PortError) -> [Notice] {
        try await faults.enter(.readNotice)
        return current.withLock { $0 }
    }
}

/// Stored notices in memory.
package actor InMemoryNoticeStore: NoticeStore {
    private var records: [NoticeRecord] = []
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func record(_ notice: NoticeRecord) async throws(PortError) {
        try await faults.enter(.recordNotice)
        guard !records.contains(where: { isSame($0, notice) }) else { return }
        records.append(notice)
    }

    package func notices(of worker: WorkerID) async throws(PortError) -> [NoticeRecord] {
        try await faults.enter(.listNotices)
        return records.filter { $0.worker == worker }.sorted {
            ($0.time, $0.path.rawValue) < ($1.time, $1.path.rawValue)
        }
    }

    private func isSame(_ one: NoticeRecord, _ other: NoticeRecord) -> Bool {
        one.worker == other.worker && one.time == other.time && one.path == other.path
            && (one.announced == .rebalance) == (other.announced == .rebalance)
    }
}

/// The notifications, in order.
package actor InMemoryAnnouncer: Announcer {
    package private(set) var messages: [String] = []
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func announce(subject: String, message: String) async throws(PortError) {
        try await faults.enter(.announce)
        messages.append(message)
    }
}
