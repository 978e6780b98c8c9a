/// EC2 had no instance to give, and Auto Scaling said so.
///
/// Auto Scaling chooses pools by itself, and its event names the zone and not the type: so a refusal
/// steers no launch. It is shown, and dates the shortage that On-Demand instances make up for.
package struct CapacityShortage: Hashable, Sendable {
    package let lifecycle: WorkerRecord.Lifecycle
    package let zone: String
    package let time: Timestamp
    /// The pool counts as refused until then.
    package let coolingUntil: Timestamp
    /// Auto Scaling's own words.
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

    /// As it is noted over an earlier one of the same pool: since then, if that one still cools.
    package func following(_ earlier: CapacityShortage) -> CapacityShortage {
        CapacityShortage(
            lifecycle: lifecycle, zone: zone,
            time: time < earlier.coolingUntil ? min(earlier.time, time) : time,
            coolingUntil: max(coolingUntil, earlier.coolingUntil), message: message)
    }

    /// Auto Scaling tries again for as long, more and more slowly; then it is news again.
    package static let coolingDuration: Duration = .seconds(600)
}
