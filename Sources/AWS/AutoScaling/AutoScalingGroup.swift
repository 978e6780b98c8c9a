extension AutoScaling {
    /// A group and its instances.
    package struct Group: Hashable, Sendable {
        package let name: String
        package let sizeMin: Int
        package let sizeMax: Int
        package let desiredCapacity: Int
        /// The capacity units of an instance by its type. Empty in a group without weights.
        package let weights: [String: Int]
        package let instances: [Instance]

        package init(
            name: String, sizeMin: Int, sizeMax: Int, desiredCapacity: Int,
            weights: [String: Int] = [:], instances: [Instance]
        ) {
            self.name = name
            self.sizeMin = sizeMin
            self.sizeMax = sizeMax
            self.desiredCapacity = desiredCapacity
            self.weights = weights
            self.instances = instances
        }
    }

    /// An instance of a group.
    package struct Instance: Hashable, Sendable {
        package let id: String
        /// `nil` in a group that has one instance type only.
        package let type: String?
        package let zone: String
        /// `Pending`, `InService`, `Terminating:Wait`, …
        package let lifecycleState: String
        package let isHealthy: Bool
        /// The instance's capacity units: one in a group without weights.
        package let weight: Int
        /// Whether a group that shrinks keeps this instance.
        package let isProtected: Bool

        package init(
            id: String, type: String?, zone: String, lifecycleState: String, isHealthy: Bool,
            weight: Int = 1, isProtected: Bool
        ) {
            self.id = id
            self.type = type
            self.zone = zone
            self.lifecycleState = lifecycleState
            self.isHealthy = isHealthy
            self.weight = weight
            self.isProtected = isProtected
        }
    }
}

extension AutoScaling.Group {
    /// `nil` when the element lacks a field that every group has.
    init?(_ element: XMLElement) {
        guard let name = element["AutoScalingGroupName"]?.text,
            let sizeMin = element["MinSize"].flatMap({ Int($0.text) }),
            let sizeMax = element["MaxSize"].flatMap({ Int($0.text) }),
            let desired = element["DesiredCapacity"].flatMap({ Int($0.text) })
        else { return nil }
        var instances: [AutoScaling.Instance] = []
        for member in element.list("Instances", of: "member") {
            guard let id = member["InstanceId"]?.text, let zone = member["AvailabilityZone"]?.text,
                let state = member["LifecycleState"]?.text
            else { return nil }
            instances.append(
                AutoScaling.Instance(
                    id: id, type: member["InstanceType"]?.text, zone: zone, lifecycleState: state,
                    isHealthy: member["HealthStatus"]?.text.lowercased() != "unhealthy",
                    weight: member["WeightedCapacity"].flatMap { Int($0.text) } ?? 1,
                    isProtected: member["ProtectedFromScaleIn"]?.text == "true"))
        }
        var weights: [String: Int] = [:]
        let template = element["MixedInstancesPolicy"]?["LaunchTemplate"]
        for override in template?.list("Overrides", of: "member") ?? [] {
            guard let type = override["InstanceType"]?.text else { continue }
            weights[type] = override["WeightedCapacity"].flatMap { Int($0.text) }
        }
        self.init(
            name: name, sizeMin: sizeMin, sizeMax: sizeMax, desiredCapacity: desired,
            weights: weights,
            instances: instances)
    }
}
