/// Auto Scaling: how many instances a group has. Source: API version 2011-01-01.
package struct AutoScaling: Sendable {
    /// Of 50 groups each.
    private static let pagesMax = 20

    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .autoScaling)
    }

    /// The groups of these names that there are.
    package func describeGroups(_ names: [String]) async throws(AWSError) -> [Group] {
        precondition(!names.isEmpty, "Without a name, Auto Scaling gives every group there is.")
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

    /// The group that an instance is in; `nil` when it is in none.
    package func group(of instance: String) async throws(AWSError) -> String? {
        let result = try await service.query(
            "DescribeAutoScalingInstances", [("InstanceIds.member.1", instance)])
        return result.list("AutoScalingInstances", of: "member").first?["AutoScalingGroupName"]?
            .text
    }

    /// Sets how many instances the group shall have, between its bounds.
    package func setDesiredCapacity(group: String, _ capacity: Int) async throws(AWSError) {
        _ = try await service.query(
            "SetDesiredCapacity",
            [
                ("AutoScalingGroupName", group), ("DesiredCapacity", String(capacity)),
                ("HonorCooldown", "false"),
            ])
    }

    /// Keeps instances from being taken when the group shrinks, or gives them free.
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

    /// Lets the ending of an instance go on that waits at a lifecycle hook.
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
    /// - Parameter isReplaced: Whether the group starts another, or shrinks by one.
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
