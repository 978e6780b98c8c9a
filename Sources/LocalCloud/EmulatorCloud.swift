package import FoundationEssentials

/// The AWS APIs that the Spot emulator calls: groups, role keys, prices and events.
package protocol EmulatorCloud: Sendable {
    /// The instances on the lists of both groups. These instances should run.
    func members() async throws(LocalCloudError) -> [GroupMember]
    /// Removes an instance from its group without making the group smaller.
    func replace(_ instance: String) async throws(LocalCloudError)
    func roleKeys(for instance: String) async throws(LocalCloudError) -> RoleKeys
    /// The current price in USD an hour, as EC2 writes it. `nil` if the zone has no recorded price.
    func price(of member: GroupMember) async throws(LocalCloudError) -> String?
    /// Puts EC2's event on the event bus.
    func announce(_ event: EmulatedEvent, of instance: String) async throws(LocalCloudError)
}

/// An event that EC2 sends about an instance.
package enum EmulatedEvent: Hashable, Sendable {
    /// "EC2 Spot Instance Interruption Warning" with the action `terminate`.
    case interruptionWarning
    /// "EC2 Instance State-change Notification": `shutting-down`, then `terminated`.
    case state(String)
}

/// The machine on which an instance's processes run.
package protocol InstanceHost: Sendable {
    /// Starts the worker, calls `started`, and waits for the worker's end.
    ///
    /// - Returns: How the worker ended.
    func run(
        _ instance: String, metadata: String,
        started: @escaping @Sendable (ProcessRecord) async -> Void
    ) async throws(LocalCloudError) -> String
    /// Asks the worker to drain.
    func stop(_ process: ProcessRecord)
    /// Kills the worker and every process that it started, as a power cut would.
    func kill(_ instance: String)
}

/// The metadata that an instance's worker reads.
package protocol InstanceMetadata: Sendable {
    /// Serves until the calling task is canceled.
    func serve() async throws
    /// The value of `AWS_EC2_METADATA_SERVICE_ENDPOINT`. Throws if the server does not start.
    func address() async throws -> String
    func setKeys(_ keys: RoleKeys) async
    /// Shows an interruption notice.
    func showNotice(deadline: Date) async
    /// Sets Auto Scaling's target state to `Terminated`.
    func showTermination() async
}
