/// Where the scaler's memory is kept, and what it is told of launches.
package protocol FleetStore: Sendable {
    /// As last written, never an older state; empty before the first tick.
    func memory() async throws(PortError) -> FleetMemory
    /// Stores it with the next revision, if the stored one still has its revision; else `false`.
    func save(_ memory: FleetMemory) async throws(PortError) -> Bool
    /// Notes that a pool had nothing to give; a later refusal of the same pool takes the place of an
    /// earlier one, and keeps its time while that one still cools.
    func note(_ refusal: CapacityShortage) async throws(PortError)
    /// Those that still cool. May lag a moment behind writes.
    func refusals(at now: Timestamp) async throws(PortError) -> [CapacityShortage]
    /// Notes that EC2 takes an instance back; once, however often the same is noted.
    func note(_ reclaim: PoolReclaim) async throws(PortError)
    /// In the order of their times; with what was written before the call.
    func reclaims(since start: Timestamp) async throws(PortError) -> [PoolReclaim]
}
