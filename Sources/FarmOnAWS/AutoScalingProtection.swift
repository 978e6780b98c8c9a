package import AWS
package import Farm

/// One instance's scale-in protection.
///
/// It asks Auto Scaling once for the instance's group. The instance's settings can't name the
/// group, because they are part of the launch template that the group names.
package actor AutoScalingProtection: InstanceProtection {
    private let autoScaling: AutoScaling
    private let instance: WorkerID
    private var group: String?

    package init(_ autoScaling: AutoScaling, of instance: WorkerID) {
        self.autoScaling = autoScaling
        self.instance = instance
    }

    package func protect(_ isProtected: Bool) async throws(PortError) {
        let operation = "\(isProtected ? "protect" : "release") \(instance)"
        do throws(AWSError) {
            if group == nil { group = try await autoScaling.group(of: instance.rawValue) }
            if let group {
                return try await autoScaling.setInstanceProtection(
                    group: group, instances: [instance.rawValue], isProtected: isProtected)
            }
        } catch {
            throw PortError(error, operation)
        }
        throw PortError(.missing, operation, "it is in no Auto Scaling group")
    }
}
