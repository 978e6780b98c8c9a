/// Auto Scaling: reads groups and sets their size. Source: API version 2011-01-01.
package struct AutoScaling: Sendable {
    /// A page has up to 50 groups.
    private static let pagesMax = 20

    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .autoScaling)
    }

    /// Reads the groups with these names. Names without a group are left out.
    package func describeGroups(_ names: [String]) async throws(AWSError) -> [Group] {
        precondition(
            !names.isEmpty, "Without a name, Auto Scaling returns all groups of the account.")
        let operation = "DescribeAutoScalingGroups"
        let filter = names.enumerated().map {
            (name: "AutoScalingGroupNames.member.\($0.offset + 1)", value: $0.element)
        }
        var groups: [Group] = []
        var token: String?
        for _ in 0..<Self.pagesMax {
            let next = token.map { [(name: "NextToken", value: $0)] } ?? []
            let result = try await service.query(operation, filter + next)
            for element in result.list("AutoScalingGroups", of: "member") {
                guard let group = Group(element) else {
                    throw service.missing("name, size, or instance's state", in: operation)
                }
                groups.append(group)
            }
            token = result["NextToken"].map(\.text).flatMap { $0.isEmpty ? nil : $0 }
            guard token != nil else { return groups }
        }
        throw service.missing("end after \(Self.pagesMax) pages", in: operation)
    }

    /// The name of an instance's group, or `nil` when the instance is in none.
    package func group(of instance: String) async throws(AWSError) -> String? {
        let result = try await service.query(
            "DescribeAutoScalingInstances", [("InstanceIds.member.1", instance)])
        return result.list("AutoScalingInstances", of: "member").first?["AutoScalingGroupName"]?
            .text
    }

    /// Sets the number of instances, or of capacity units in a group with weights. The number must
    /// lie between the group's bounds.
    package func setDesiredCapacity(group: String, _ capacity: Int) async throws(AWSError) {
        _ = try await service.query(
            "SetDesiredCapacity",
            [
                ("AutoScalingGroupName", group), ("DesiredCapacity", String(capacity)),
                ("HonorCooldown", "false"),
            ])
    }

    /// Turns scale-in protection on or off. A group that shrinks ends no protected instance.
    package func setInstanceProtection(
        group: String, instances: [String], isProtected: Bool
    ) async throws(AWSError) {
        let members = instances.enumerated().map {
            (name: "InstanceIds.member.\($0.offset + 1)", value: $0.element)
        }
        _ = try await service.query(
            "SetInstanceProtection",
            members + [
                ("AutoScalingGroupName", group), ("ProtectedFromScaleIn", String(isProtected)),
            ])
    }

    /// Completes a lifecycle action, so that Auto Scaling goes on ending the instance.
    package func completeLifecycleAction(
        group: String, hook: String, token: String, instance: String
    ) async throws(AWSError) {
        _ = try await service.query(
            "CompleteLifecycleAction",
            [
                ("AutoScalingGroupName", group), ("LifecycleHookName", hook),
                ("LifecycleActionToken", token), ("InstanceId", instance),
                ("LifecycleActionResult", "CONTINUE"),
            ])
    }

    /// Ends an instance.
    ///
    /// - Parameter isReplaced: whether the group starts another instance. Else it shrinks by one.
    package func terminateInstance(
        _ instance: String, isReplaced: Bool
    ) async throws(AWSError) {
        _ = try await service.query(
            "TerminateInstanceInAutoScalingGroup",
            [
                ("InstanceId", instance),
                ("ShouldDecrementDesiredCapacity", String(!isReplaced)),
            ])
    }
}
