import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime

/// EC2's interruption warning in, the instance's tasks back in the queue.
@main struct SpotInterruptionHandler {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            return Handler(
                requeue: RequeueInterrupted(
                    workers: farm.workers, tasks: farm.tasks, ledger: farm.ledger,
                    log: start.logger))
        }
        exit(status)
    }

    private struct Handler: InvocationHandler {
        let requeue: RequeueInterrupted

        func handle(_ invocation: Invocation) async throws -> [UInt8] {
            let outcome = try await requeue.handle(InterruptionEvent(json: invocation.event))
            return Array(try JSONEncoder().encode(Answer(outcome)))
        }
    }

    /// For whoever invokes the function by hand; EventBridge does not read it.
    private struct Answer: Encodable {
        let isOurs: Bool
        let requeued: [String]

        init(_ outcome: RequeueInterrupted.Outcome) {
            switch outcome {
            case .foreign:
                isOurs = false
                requeued = []
            case .requeued(let tasks, stale: _):
                isOurs = true
                requeued = tasks.map(\.description)
            }
        }
    }
}
