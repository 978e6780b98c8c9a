import Presentation
import Operations
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
            let settings = try FleetSettings(environment: start.environment)
            let topic = try NoticeSettings(environment: start.environment).topic
            let repair = RepairFarm(
                ports: RepairFarm.Ports(
                    jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers,
                    queue: farm.queue, time: farm.time),
                operations: TaskOperations(
                    jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, time: farm.time),
                terms: farm.lease, log: start.logger)
            let announcer = SNSAnnouncer(SNS(farm.client), topic: topic)
            let ports = ScaleFleet.Ports(
                fleet: AutoScalingFleet(AutoScaling(farm.client), groups: settings.groups),
                memory: farm.fleetMemory, workers: farm.workers, notices: farm.notices,
                jobs: farm.jobs, queue: farm.queue, announcer: announcer, time: farm.time,
                publish: {
                    MetricLine(
                        namespace: FleetMetric.namespace,
                        dimension: (FleetMetric.dimension, settings.stack),
                        metrics: FleetMetric.list($0), environment: start.environment
                    ).write()
                })
            return Handler(
                scale: ScaleFleet(
                    repair: repair, ports: ports, policy: settings.policy,
                    announce: AnnounceJobs(
                        jobs: farm.jobs, announcer: announcer, time: farm.time,
                        log: start.logger),
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
            let tick = try await scale.tick(repairingUntil: end)
            return Array(try JSONEncoder().encode(tick.map { FleetReport.Tick($0) }))
        }
    }
}
