/// The Auto Scaling group.
package protocol Fleet: Sendable {
    func capacity() async throws(PortError) -> FleetCapacity
    /// The only writer of desired capacity is the scaler.
    func setDesired(_ count: Int) async throws(PortError)
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

package struct FleetCapacity: Hashable, Sendable {
    package let desired: Int
    package let inService: Int
    /// The group's own bounds.
    package let least: Int
    package let most: Int

    package init(desired: Int, inService: Int, least: Int, most: Int) {
        self.desired = desired
        self.inService = inService
        self.least = least
        self.most = most
    }
}
