import AWS
import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime
import Operations

/// The function that EventBridge invokes when an instance ends or a launch fails: it requeues the
/// instance's tasks.
@main struct SpotInterruptionHandler {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            let settings = try NoticeSettings(environment: start.environment)
            let write = start.metricWriter(
                namespace: FleetMetric.namespace,
                dimension: (FleetMetric.dimension, settings.stack))
            let publish: @Sendable ([FleetMetric: Double]) -> Void = { write(FleetMetric.list($0)) }
            let answer = AnswerFleetEvent(
                notice: AnswerInterruption(
                    ports: AnswerInterruption.Ports(
                        workers: farm.workers, tasks: farm.tasks, notices: farm.notices,
                        fleetStore: farm.fleetStore,
                        fleet: AutoScalingFleet(AutoScaling(farm.client), groups: settings.groups),
                        announcer: SNSAnnouncer(SNS(farm.client), topic: settings.topic),
                        time: farm.time, publish: publish),
                    operations: TaskOperations(
                        jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, time: farm.time),
                    log: start.logger),
                shortage: RecordCapacityShortage(
                    fleetStore: farm.fleetStore, publish: publish, log: start.logger,
                    lifecycle: { settings.groups.lifecycle(of: $0) }))
            return JSONHandler { try await answer.handle(json: $0.event) }
        }
        exit(status)
    }
}
