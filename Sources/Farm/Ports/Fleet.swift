/// The two Auto Scaling groups.
package protocol Fleet: Sendable {
    func spot() async throws(PortError) -> FleetGroup
    func onDemand() async throws(PortError) -> FleetGroup
    /// In the group's units. The only writer of sizes is the scaler.
    func setDesired(_ units: Int, of lifecycle: WorkerRecord.Lifecycle) async throws(PortError)
    /// Ends an instance and makes its group smaller by its units; no error when it has ended, or is
    /// being ended.
    func end(_ instance: WorkerID) async throws(PortError)
    /// Lets an instance end; no error when it has ended, or its time was over.
    func complete(_ action: LifecycleAction) async throws(PortError)
}

/// The ending of an instance that Auto Scaling holds up until it hears from us.
package struct LifecycleAction: Hashable, Sendable {
    package let group: String
    package let hook: String
    package let token: String
    package let instance: String

    package init(group: String, hook: String, token: String, instance: String) {
        self.group = group
        self.hook = hook
        self.token = token
        self.instance = instance
    }
}

/// Keeps this instance from being taken when its group shrinks.
package protocol InstanceProtection: Sendable {
    func protect(_ isProtected: Bool) async throws(PortError)
}
