import AWS
import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime

/// Every minute: repair what fell between two steps, then size the fleet from the work left.
@main struct FleetScaler {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            let fleet = try FleetSettings(environment: start.environment)
            let repair = RepairFarm(
                ports: RepairFarm.Ports(
                    jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers,
                    queue: farm.queue, time: farm.time),
                ledger: farm.ledger, terms: farm.lease, log: start.logger)
            return Handler(
                scale: ScaleFleet(
                    repair: repair,
                    fleet: AutoScalingFleet(AutoScaling(farm.client), group: fleet.group),
                    policy: ScalingPolicy(
                        turnAround: fleet.turnAround, least: fleet.least, most: fleet.most),
                    log: start.logger))
        }
        exit(status)
    }

    private struct Handler: InvocationHandler {
        let scale: ScaleFleet

        /// Kept for the calls that are under way at the end, with their retries.
        private static let reserve = Duration.seconds(15)

        /// The event only says that it is time.
        func handle(_ invocation: Invocation) async throws -> [UInt8] {
            let end = Timestamp(milliseconds: invocation.deadline - Self.reserve.milliseconds)
            return Array(
                try JSONEncoder().encode(Answer(try await scale.tick(repairingUntil: end))))
        }
    }

    /// For whoever invokes the function by hand; the schedule does not read it.
    private struct Answer: Encodable {
        let desired: Int
        let openTasks: Int
        let backlogSeconds: Double
        let reason: String

        init(_ decision: ScalingPolicy.Decision) {
            desired = decision.desired
            openTasks = decision.openTasks
            backlogSeconds = decision.backlogSeconds
            reason = decision.reason
        }
    }
}
