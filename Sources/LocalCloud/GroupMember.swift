/// One line of an Auto Scaling group's list.
package struct GroupMember: Hashable, Sendable {
    package let id: String
    package let zone: String
    /// `false` for a member of the On-Demand group.
    package let isSpot: Bool
    /// Auto Scaling ends the instance and waits until its lifecycle hook is completed.
    package var isLeaving: Bool

    package init(id: String, zone: String, isSpot: Bool = true, isLeaving: Bool = false) {
        self.id = id
        self.zone = zone
        self.isSpot = isSpot
        self.isLeaving = isLeaving
    }
}
