import AWS
import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime
import Operations
import Presentation

/// The function that a schedule invokes each minute: it sizes the fleet for the work that is left,
/// then repairs the farm.
@main struct FleetScaler {
    /// The end of an invocation, kept for calls that are still running and their retries.
    private static let reserve = Duration.seconds(15)

    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            let settings = try FleetSettings(environment: start.environment)
            let topic = try NoticeSettings(environment: start.environment).topic
            let announcer = SNSAnnouncer(SNS(farm.client), topic: topic)
            let write = start.metricWriter(
                namespace: FleetMetric.namespace,
                dimension: (FleetMetric.dimension, settings.stack))
            let scale = ScaleFleet(
                repair: RepairFarm(
                    ports: RepairFarm.Ports(
                        jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers,
                        queue: farm.queue, time: farm.time),
                    operations: TaskOperations(
                        jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, time: farm.time),
                    terms: farm.lease, log: start.logger),
                ports: ScaleFleet.Ports(
                    fleet: AutoScalingFleet(AutoScaling(farm.client), groups: settings.groups),
                    fleetStore: farm.fleetStore, workers: farm.workers, notices: farm.notices,
                    jobs: farm.jobs, queue: farm.queue, announcer: announcer, time: farm.time,
                    unreadable: { farm.unreadable.take() },
                    publish: { write(FleetMetric.list($0)) }),
                policy: settings.policy,
                announce: AnnounceJobs(
                    jobs: farm.jobs, announcer: announcer, time: farm.time, log: start.logger),
                log: start.logger)
            // The event carries nothing that a tick needs.
            return JSONHandler { invocation in
                let end = Timestamp(milliseconds: invocation.deadline - reserve.milliseconds)
                return try await scale.tick(repairingUntil: end).map {
                    Versioned(FleetDecisionDocument($0))
                }
            }
        }
        exit(status)
    }
}
