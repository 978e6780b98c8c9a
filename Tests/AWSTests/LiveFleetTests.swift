import Testing

@testable import AWS

@Suite(.enabled(if: endpoint != nil)) struct `A fleet on a server` {
    @Test func `grows and lists its instances`() async throws {
        let fleet = AutoScaling(try liveClient())
        let name = fresh("group+ä")
        _ = try await fleet.service.query(
            "CreateLaunchConfiguration",
            [
                ("LaunchConfigurationName", name), ("ImageId", "ami-12345678"),
                ("InstanceType", "c7i.large"),
            ])
        _ = try await fleet.service.query(
            "CreateAutoScalingGroup",
            [
                ("AutoScalingGroupName", name), ("LaunchConfigurationName", name),
                ("MinSize", "0"), ("MaxSize", "4"), ("DesiredCapacity", "0"),
                ("AvailabilityZones.member.1", "us-east-1a"),
            ])
        let empty = try await fleet.describeGroups([name])
        #expect(empty.map(\.name) == [name])
        #expect(empty.first?.instances.isEmpty == true)
        try await fleet.setDesiredCapacity(group: name, 2)
        let group = try #require(try await fleet.describeGroups([name]).first)
        #expect(group.desiredCapacity == 2)
        #expect(group.sizeMax == 4)
        #expect(group.instances.count == 2)
        #expect(group.instances.allSatisfy { $0.lifecycleState == "InService" && $0.isHealthy })
    }

    @Test func `that does not exist is not listed and can't be sized`() async throws {
        let fleet = AutoScaling(try liveClient())
        let name = fresh("none")
        #expect(try await fleet.describeGroups([name]).isEmpty)
        let error = await #expect(throws: AWSError.self) {
            try await fleet.setDesiredCapacity(group: name, 1)
        }
        #expect(error?.code == "ValidationError")
    }
}
