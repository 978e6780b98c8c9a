package import FoundationEssentials

/// What the spot plane asks of the AWS APIs: the group, the role's keys, the market, the event.
package protocol EmulatorCloud: Sendable {
    /// Both groups' lists of instances: what should run.
    func members() async throws(LocalCloudError) -> [GroupMember]
    /// Takes an instance off the list without making the group smaller.
    func replace(_ instance: String) async throws(LocalCloudError)
    func roleKeys(for instance: String) async throws(LocalCloudError) -> RoleKeys
    /// USD an hour now, as EC2 writes it; `nil` when the zone has no recorded price.
    func price(of member: GroupMember) async throws(LocalCloudError) -> String?
    /// Puts EC2's event on the bus.
    func announce(_ news: InstanceNews, of instance: String) async throws(LocalCloudError)
}

/// What EC2 tells of an instance by events.
package enum InstanceNews: Hashable, Sendable {
    /// "EC2 Spot Instance Interruption Warning", to terminate.
    case interruptionWarning
    /// "EC2 Instance State-change Notification": `shutting-down`, then `terminated`.
    case state(String)
}

/// What an instance runs on: here, this machine's processes.
package protocol InstanceHost: Sendable {
    /// Starts the worker and returns how it ended once it has; `started` is called in between.
    func run(
        _ instance: String, metadata: String,
        started: @escaping @Sendable (ProcessRecord) async -> Void
    ) async throws(LocalCloudError) -> String
    /// Asks the worker to drain.
    func stop(_ process: ProcessRecord)
    /// Takes the power away: the worker and all it started.
    func kill(_ instance: String)
}

/// An instance's metadata as its worker sees it.
package protocol InstanceMetadata: Sendable {
    /// Serves until the calling task is canceled.
    func serve() async throws
    /// Where `AWS_EC2_METADATA_SERVICE_ENDPOINT` points; throws when it doesn't listen in time.
    func address() async throws -> String
    func keys(_ keys: RoleKeys) async
    func notice(deadline: Date) async
    /// Auto Scaling's target state becomes `Terminated`.
    func leave() async
}
