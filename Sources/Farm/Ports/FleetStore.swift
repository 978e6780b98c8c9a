/// Where the scaler's memory is kept, with capacity shortages and reclaims.
package protocol FleetStore: Sendable {
    /// The memory as last written, never an older state. Empty before the first tick.
    func memory() async throws(PortError) -> FleetMemory
    /// Stores the memory with the next revision; `false` when the stored revision has changed.
    func save(_ memory: FleetMemory) async throws(PortError) -> Bool
    /// Records that a pool had no capacity. A later shortage of the same pool replaces an earlier
    /// one, and keeps the earlier time while that one still cools.
    func note(_ refusal: CapacityShortage) async throws(PortError)
    /// Shortages that still cool. May lag a moment behind writes.
    func refusals(at now: Timestamp) async throws(PortError) -> [CapacityShortage]
    /// Records that EC2 takes an instance back. Repeated records count once.
    func note(_ reclaim: PoolReclaim) async throws(PortError)
    /// In the order of their times, with everything that was written before the call.
    func reclaims(since start: Timestamp) async throws(PortError) -> [PoolReclaim]
}
