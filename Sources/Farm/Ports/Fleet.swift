/// The Auto Scaling group.
package protocol Fleet: Sendable {
    func capacity() async throws(PortError) -> FleetCapacity
    /// The only writer of desired capacity is the scaler.
    func setDesired(_ count: Int) async throws(PortError)
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
