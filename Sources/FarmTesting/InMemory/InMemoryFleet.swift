package import Farm
import Synchronization

/// Worker records in memory.
package actor InMemoryWorkerStore: WorkerStore {
    private var workers: [WorkerID: WorkerRecord] = [:]
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func save(_ worker: WorkerRecord) async throws(PortError) {
        try faults.enter(.saveWorker)
        workers[worker.id] = worker
    }

    package func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord? {
        try faults.enter(.readWorker)
        return workers[id]
    }

    package func openWorkers() async throws(PortError) -> [WorkerRecord] {
        try faults.enter(.listWorkers)
        return workers.values.filter { $0.state != .gone }
            .sorted { $0.id.rawValue < $1.id.rawValue }
    }
}

/// A group in memory. `setDesired` changes nothing but the number: instances come by `start`.
package actor InMemoryFleet: Fleet {
    private var current: FleetCapacity
    private let faults: Faults
    package private(set) var completed: [LifecycleAction] = []

    package init(
        _ capacity: FleetCapacity = FleetCapacity(desired: 0, inService: 0, least: 0, most: 10),
        faults: Faults = Faults()
    ) {
        current = capacity
        self.faults = faults
    }

    package func capacity() async throws(PortError) -> FleetCapacity {
        try faults.enter(.readCapacity)
        return current
    }

    /// Refuses what Auto Scaling refuses: a number outside the group's bounds.
    package func setDesired(_ count: Int) async throws(PortError) {
        try faults.enter(.setDesired)
        guard (current.least...current.most).contains(count) else {
            throw PortError(
                .malformed, "set the fleet to \(count)",
                "the group's bounds are \(current.least) and \(current.most)")
        }
        set(desired: count, inService: current.inService)
    }

    package func complete(_ action: LifecycleAction) async throws(PortError) {
        try faults.enter(.completeAction)
        completed.append(action)
    }

    /// As many instances in service as are desired.
    package func start() {
        set(desired: current.desired, inService: current.desired)
    }

    private func set(desired: Int, inService: Int) {
        current = FleetCapacity(
            desired: desired, inService: inService, least: current.least, most: current.most)
    }
}

/// An instance's announcements in memory: none until `post`.
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
        try faults.enter(.readNotice)
        return current.withLock { $0 }
    }
}

/// Kept notices in memory.
package actor InMemoryNoticeStore: NoticeStore {
    private var records: [NoticeRecord] = []
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func record(_ notice: NoticeRecord) async throws(PortError) {
        try faults.enter(.recordNotice)
        guard !records.contains(where: { isSame($0, notice) }) else { return }
        records.append(notice)
    }

    package func notices(of worker: WorkerID) async throws(PortError) -> [NoticeRecord] {
        try faults.enter(.listNotices)
        return records.filter { $0.worker == worker }.sorted {
            ($0.time, $0.path.rawValue) < ($1.time, $1.path.rawValue)
        }
    }

    private func isSame(_ one: NoticeRecord, _ other: NoticeRecord) -> Bool {
        one.worker == other.worker && one.time == other.time && one.path == other.path
            && (one.announced == .rebalance) == (other.announced == .rebalance)
    }
}

/// What was told to people, in order.
package actor InMemoryAnnouncer: Announcer {
    package private(set) var messages: [String] = []
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    package func announce(subject: String, message: String) async throws(PortError) {
        try faults.enter(.announce)
        messages.append(message)
    }
}
