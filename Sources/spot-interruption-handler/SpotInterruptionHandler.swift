import Operations
import AWS
import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime

/// An event of an instance's end in, its tasks back in the queue.
@main struct SpotInterruptionHandler {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            let settings = try NoticeSettings(environment: start.environment)
            let publish: @Sendable ([FleetMetric: Double]) -> Void = {
                MetricLine(
                    namespace: FleetMetric.namespace,
                    dimension: (FleetMetric.dimension, settings.stack),
                    metrics: FleetMetric.list($0), environment: start.environment
                ).write()
            }
            let ports = AnswerNotice.Ports(
                workers: farm.workers, tasks: farm.tasks, notices: farm.notices,
                memory: farm.fleetMemory,
                fleet: AutoScalingFleet(AutoScaling(farm.client), groups: settings.groups),
                announcer: SNSAnnouncer(SNS(farm.client), topic: settings.topic),
                time: farm.time, publish: publish)
            return Handler(
                answer: AnswerNotice(
                    ports: ports,
                    operations: TaskOperations(
                        jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, time: farm.time),
                    log: start.logger),
                note: RecordCapacityShortage(
                    store: farm.fleetMemory, publish: publish, log: start.logger
                ) {
                    settings.groups.lifecycle(of: $0)
                })
        }
        exit(status)
    }

    private struct Handler: InvocationHandler {
        let answer: AnswerNotice
        let note: RecordCapacityShortage

        func handle(_ invocation: Invocation) async throws -> [UInt8] {
            if let refusal = try RefusalEvent(json: invocation.event) {
                return Array((try await note.handle(refusal) ? #"{"isOurs":true}"# : "{}").utf8)
            }
            let outcome = try await answer.handle(InstanceEvent(json: invocation.event))
            return Array(try JSONEncoder().encode(Answer(outcome)))
        }
    }

    /// For whoever invokes the function by hand; EventBridge does not read it.
    private struct Answer: Encodable {
        let isOurs: Bool
        let requeued: [String]
        /// To the worker, which has promised to finish them.
        let left: [String]

        init(_ outcome: AnswerNotice.Outcome) {
            isOurs = if case .foreign = outcome { false } else { true }
            requeued = outcome.tasks(.handedBack).map(\.description)
            left = outcome.tasks(.left).map(\.description)
        }
    }
}
