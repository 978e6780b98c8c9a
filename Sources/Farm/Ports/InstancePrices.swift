/// What this worker's instance costs.
package protocol InstancePrices: Sendable {
    /// The price in force at `start` and each that followed until `end`, in order; none where it is
    /// not known.
    func prices(
        from start: Timestamp, to end: Timestamp
    ) async throws(PortError) -> [PriceStep]
}
