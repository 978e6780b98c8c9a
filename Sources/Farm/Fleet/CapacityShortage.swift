/// Auto Scaling reported that EC2 has no capacity.
///
/// Auto Scaling chooses pools by itself, and its event names the zone but not the type. So a
/// shortage does not change launches. It is shown, and it dates the shortage that On-Demand
/// instances fill.
package struct CapacityShortage: Hashable, Sendable {
    package let lifecycle: WorkerRecord.Lifecycle
    package let zone: String
    package let time: Timestamp
    /// The shortage counts until then.
    package let coolingUntil: Timestamp
    /// Auto Scaling's message.
    package let message: String

    package init(
        lifecycle: WorkerRecord.Lifecycle, zone: String, time: Timestamp, coolingUntil: Timestamp,
        message: String
    ) {
        self.lifecycle = lifecycle
        self.zone = zone
        self.time = time
        self.coolingUntil = coolingUntil
        self.message = message
    }

    /// Merges this shortage with an earlier one of the same pool. While the earlier one still
    /// counts, the shortage keeps its start.
    package func following(_ earlier: CapacityShortage) -> CapacityShortage {
        CapacityShortage(
            lifecycle: lifecycle, zone: zone,
            time: time < earlier.coolingUntil ? min(earlier.time, time) : time,
            coolingUntil: max(coolingUntil, earlier.coolingUntil), message: message)
    }

    /// How long a shortage counts. Auto Scaling retries meanwhile, more and more slowly.
    package static let coolingDuration: Duration = .seconds(600)
}
