package import AWS
package import Farm

/// The fleet as an Auto Scaling group.
package struct AutoScalingFleet: Fleet {
    private let autoScaling: AutoScaling
    private let group: String

    package init(_ autoScaling: AutoScaling, group: String) {
        self.autoScaling = autoScaling
        self.group = group
    }

    package func capacity() async throws(PortError) -> FleetCapacity {
        let operation = "read the fleet's capacity"
        let groups: [AutoScaling.Group]
        do throws(AWSError) {
            groups = try await autoScaling.describeGroups([group])
        } catch {
            throw PortError(error, operation)
        }
        guard let found = groups.first(where: { $0.name == group }) else {
            throw PortError(
                .missing, operation, "there is no group \(group); check SPOTRENDER_GROUP")
        }
        return FleetCapacity(
            desired: found.desiredCapacity,
            inService: found.instances.count { $0.lifecycleState == "InService" },
            least: found.sizeMin, most: found.sizeMax)
    }

    package func setDesired(_ count: Int) async throws(PortError) {
        do throws(AWSError) {
            try await autoScaling.setDesiredCapacity(group: group, count)
        } catch {
            throw PortError(error, "set the fleet to \(count)")
        }
    }

    package func complete(_ action: LifecycleAction) async throws(PortError) {
        do throws(AWSError) {
            try await autoScaling.completeLifecycleAction(
                group: action.group, hook: action.hook, token: action.token,
                instance: action.instance)
        } catch {
            // Completed by an earlier delivery of the event, or given up: nothing waits any more.
            if error.code == "ValidationError" { return }
            throw PortError(error, "let \(action.instance) end")
        }
    }
}
