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
            let ports = AnswerNotice.Ports(
                workers: farm.workers, tasks: farm.tasks, notices: farm.notices,
                fleet: AutoScalingFleet(AutoScaling(farm.client), group: settings.group),
                announcer: SNSAnnouncer(SNS(farm.client), topic: settings.topic),
                time: farm.time)
            return Handler(
                answer: AnswerNotice(ports: ports, ledger: farm.ledger, log: start.logger))
        }
        exit(status)
    }

    private struct Handler: InvocationHandler {
        let answer: AnswerNotice

        func handle(_ invocation: Invocation) async throws -> [UInt8] {
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
