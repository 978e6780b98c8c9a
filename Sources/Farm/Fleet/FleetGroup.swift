/// One of the fleet's two Auto Scaling groups, and its instances.
///
/// Sizes count in the group's own units: an instance counts its type's weight, or one when the
/// group has no weights ("Instance weights", EC2 Auto Scaling User Guide).
package struct FleetGroup: Hashable, Sendable {
    /// An instance that counts towards the group's size: pending or in service.
    package struct Member: Hashable, Sendable {
        package let id: WorkerID
        package let units: Int
        package let isInService: Bool
        /// Auto Scaling does not end this instance when the group shrinks.
        package let isProtected: Bool

        package init(id: WorkerID, units: Int = 1, isInService: Bool = true, isProtected: Bool) {
            self.id = id
            self.units = units
            self.isInService = isInService
            self.isProtected = isProtected
        }
    }

    package let lifecycle: WorkerRecord.Lifecycle
    package let desired: Int
    /// The group's own minimum and maximum.
    package let unitsMin: Int
    package let unitsMax: Int
    /// Units of an instance by its type. A type without a weight counts one.
    package let weights: [String: Int]
    package let members: [Member]

    package init(
        lifecycle: WorkerRecord.Lifecycle, desired: Int, unitsMin: Int, unitsMax: Int,
        weights: [String: Int] = [:], members: [Member] = []
    ) {
        self.lifecycle = lifecycle
        self.desired = desired
        self.unitsMin = unitsMin
        self.unitsMax = unitsMax
        self.weights = weights
        self.members = members
    }

    /// Units of instances that are running or launching.
    package var present: Int { members.reduce(0) { $0 + $1.units } }

    package var inServiceCount: Int { members.count { $0.isInService } }

    package func weight(of type: String) -> Int { weights[type] ?? 1 }

    /// Units of the smallest instance. A task needs at least this many.
    package var weightMin: Int { max(1, weights.values.min() ?? 1) }
}
