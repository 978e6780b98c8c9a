package import Farm
package import Logging

/// One tick of the farm: repair, then size the fleet from the work that is left.
package struct ScaleFleet: Sendable {
    private let repair: RepairFarm
    private let fleet: any Fleet
    private let policy: ScalingPolicy
    private let log: Logger

    package init(repair: RepairFarm, fleet: any Fleet, policy: ScalingPolicy, log: Logger) {
        self.repair = repair
        self.fleet = fleet
        self.policy = policy
        self.log = log
    }

    package func tick() async throws(PortError) -> ScalingPolicy.Decision {
        let requeued = try await repair.expireLeases()
        let jobs = try await repair.settleJobs()
        let capacity = try await fleet.capacity()
        let decision = policy.decide(jobs: jobs, capacity: capacity)
        if decision.desired != capacity.desired {
            try await fleet.setDesired(decision.desired)
        }
        log.info(
            "sized the fleet",
            metadata: [
                "desired": "\(decision.desired)", "was": "\(capacity.desired)",
                "inService": "\(capacity.inService)", "openTasks": "\(decision.openTasks)",
                "backlogSeconds": "\(Int(decision.backlogSeconds))",
                "requeued": "\(requeued.count)", "reason": "\(decision.reason)",
            ])
        return decision
    }
}
