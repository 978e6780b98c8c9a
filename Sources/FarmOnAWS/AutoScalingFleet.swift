package import AWS
package import Farm

/// The fleet as two Auto Scaling groups.
package struct AutoScalingFleet: Fleet {
    private let autoScaling: AutoScaling
    private let groups: GroupSettings

    package init(_ autoScaling: AutoScaling, groups: GroupSettings) {
        self.autoScaling = autoScaling
        self.groups = groups
    }

    package func spot() async throws(PortError) -> FleetGroup { try await group(.spot) }

    package func onDemand() async throws(PortError) -> FleetGroup { try await group(.onDemand) }

    private func group(_ lifecycle: WorkerRecord.Lifecycle) async throws(PortError) -> FleetGroup {
        let name = groups.name(lifecycle)
        let operation = "read the group \(name)"
        let found: AutoScaling.Group?
        do throws(AWSError) {
            found = try await autoScaling.describeGroups([name]).first { $0.name == name }
        } catch {
            throw PortError(error, operation)
        }
        guard let found else {
            throw PortError(
                .missing, operation,
                "it does not exist; check SPOTRENDER_SPOT_GROUP and SPOTRENDER_ON_DEMAND_GROUP")
        }
        // Auto Scaling does not count instances that it ends or detaches.
        let members = found.instances.filter {
            $0.lifecycleState.hasPrefix("Pending") || $0.lifecycleState == "InService"
        }
        return FleetGroup(
            lifecycle: lifecycle, desired: found.desiredCapacity, unitsMin: found.sizeMin,
            unitsMax: found.sizeMax, weights: found.weights,
            members: members.map {
                FleetGroup.Member(
                    id: WorkerID($0.id), units: $0.weight,
                    isInService: $0.lifecycleState == "InService", isProtected: $0.isProtected)
            })
    }

    package func setDesired(
        _ units: Int, of lifecycle: WorkerRecord.Lifecycle
    ) async throws(PortError) {
        do throws(AWSError) {
            try await autoScaling.setDesiredCapacity(group: groups.name(lifecycle), units)
        } catch {
            throw PortError(error, "set the group \(groups.name(lifecycle)) to \(units)")
        }
    }

    package func end(_ instance: WorkerID) async throws(PortError) {
        do throws(AWSError) {
            try await autoScaling.terminateInstance(instance.rawValue, isReplaced: false)
        } catch {
            let isEnded =
                error.code == "ScalingActivityInProgress"
                || (error.code == "ValidationError" && error.description.contains("not found"))
            if !isEnded { throw PortError(error, "end \(instance)") }
        }
    }

    package func complete(_ action: LifecycleAction) async throws(PortError) {
        do throws(AWSError) {
            try await autoScaling.completeLifecycleAction(
                group: action.group, hook: action.hook, token: action.token,
                instance: action.instance)
        } catch {
            // An earlier delivery of the event completed the action, or it timed out.
            if error.code == "ValidationError" { return }
            throw PortError(error, "complete the lifecycle action of \(action.instance)")
        }
    }
}
