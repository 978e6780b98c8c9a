/// Where workers say that they are there.
package protocol WorkerStore: Sendable {
    func save(_ worker: WorkerRecord) async throws(PortError)
    func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord?
    /// All that are not gone. May lag a moment behind writes.
    func openWorkers() async throws(PortError) -> [WorkerRecord]
}

/// One instance's worker, as it last said.
package struct WorkerRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case booting
        case idle
        case rendering
        case draining
        case gone
    }

    package enum Lifecycle: String, Hashable, Sendable, CaseIterable {
        case spot
        case onDemand = "on-demand"
    }

    package let id: WorkerID
    package let pool: Pool
    package let lifecycle: Lifecycle
    package var state: State
    package var seen: Timestamp
    /// USD per hour at boot; `nil` when EC2 did not say.
    package let pricePerHour: Double?
    package var framesDone: Int
    /// EC2 recommends to leave this instance; its pool is no place for more, until then.
    package var coolingUntil: Timestamp?

    package init(
        id: WorkerID, pool: Pool, lifecycle: Lifecycle, state: State, seen: Timestamp,
        pricePerHour: Double?, framesDone: Int = 0, coolingUntil: Timestamp? = nil
    ) {
        self.id = id
        self.pool = pool
        self.lifecycle = lifecycle
        self.state = state
        self.seen = seen
        self.pricePerHour = pricePerHour
        self.framesDone = framesDone
        self.coolingUntil = coolingUntil
    }
}
