import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime

/// S3 upload in, job with tasks and messages out.
@main struct JobSplitter {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            return Handler(
                split: SplitJob(
                    // What a Lambda may write to, and empties for nobody.
                    scenes: farm.scenes, scratch: start.environment["TMPDIR"] ?? "/tmp",
                    jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue,
                    time: farm.time, assembles: true, log: start.logger))
        }
        exit(status)
    }

    private struct Handler: InvocationHandler {
        let split: SplitJob

        func handle(_ invocation: Invocation) async throws -> [UInt8] {
            let outcomes = try await split.handle(S3Event(json: invocation.event))
            return Array(try JSONEncoder().encode(Answer(outcomes)))
        }
    }

    /// For whoever invokes the function by hand; S3 does not read it.
    private struct Answer: Encodable {
        var jobs: [String] = []
        var refused: [String] = []
        var ignored = 0

        init(_ outcomes: [SplitJob.Outcome]) {
            for outcome in outcomes {
                switch outcome {
                case .split(let job, _), .known(let job): jobs.append(job.rawValue)
                case .refused(let job, _): refused.append(job.rawValue)
                case .ignored: ignored += 1
                }
            }
        }
    }
}
