package import Farm
package import Logging

/// Records that a pool had no capacity, so that the pool cools and the scaler knows.
package struct RecordCapacityShortage: Sendable {
    private let fleetStore: any FleetStore
    private let lifecycle: @Sendable (String) -> WorkerRecord.Lifecycle?
    private let publish: @Sendable ([FleetMetric: Double]) -> Void
    private let log: Logger

    /// - Parameter lifecycle: The lifecycle of the group of that name; `nil` for a foreign group.
    package init(
        fleetStore: any FleetStore, publish: @escaping @Sendable ([FleetMetric: Double]) -> Void,
        log: Logger, lifecycle: @escaping @Sendable (String) -> WorkerRecord.Lifecycle?
    ) {
        self.fleetStore = fleetStore
        self.publish = publish
        self.log = log
        self.lifecycle = lifecycle
    }

    /// `false` for a foreign group.
    package func handle(_ event: LaunchFailureEvent) async throws(PortError) -> Bool {
        guard let lifecycle = lifecycle(event.group) else {
            log.info("ignored a foreign group", metadata: ["group": "\(event.group)"])
            return false
        }
        try await fleetStore.note(
            CapacityShortage(
                lifecycle: lifecycle, zone: event.zone, time: event.time,
                coolingUntil: event.time + CapacityShortage.coolingDuration, message: event.message)
        )
        publish([.launchFailures: 1])
        log.warning(
            "a launch was refused",
            metadata: [
                "group": "\(lifecycle.rawValue)", "zone": "\(event.zone)",
                "reason": "\(event.message)",
            ])
        return true
    }
}
