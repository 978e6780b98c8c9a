package import Farm
package import Logging

/// One tick of the farm: size the fleet from the work that is left, then repair.
///
/// The size comes first, since a repair may take all the time there is.
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

    /// - Parameter deadline: what is not repaired by then is repaired in the next tick.
    /// - Throws: what kept the fleet from being sized, else what stopped a repair, so that the
    ///   invocation counts as failed.
    package func tick(
        repairingUntil deadline: Timestamp
    ) async throws(PortError) -> ScalingPolicy.Decision {
        let jobs = try await repair.settleJobs()
        let decision = try await size(for: jobs)
        let report = await repair.run(over: jobs, until: deadline)
        log.info(
            "repaired the farm",
            metadata: [
                "requeued": "\(report.requeued.count)", "split": "\(report.split.count)",
                "reminded": "\(report.reminded.count)", "deadLetters": "\(report.deadLetterCount)",
                "errors": "\(report.errors.count)",
            ])
        if let error = report.errors.first { throw error }
        return decision
    }

    private func size(for jobs: [Job]) async throws(PortError) -> ScalingPolicy.Decision {
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
                "reason": "\(decision.reason)",
            ])
        return decision
    }
}
