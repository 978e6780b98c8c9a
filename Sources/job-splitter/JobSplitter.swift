import Farm
import FarmOnAWS
import FoundationEssentials
import Glibc
import HTTP
import Handlers
import LambdaRuntime

/// The function that S3 invokes for each upload: it creates a job with its tasks and messages.
@main struct JobSplitter {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let status = await LambdaMain.run(environment: environment) { start in
            let trust = HTTPTrust(environment: start.environment, else: .amazon)
            let farm = try AWSFarm(
                environment: start.environment, transport: OneShotTransport(trust: trust),
                log: start.logger)
            let split = SplitJob(
                // The only folder that a Lambda may write to. Lambda never empties it.
                scenes: farm.scenes, scratch: start.environment["TMPDIR"] ?? "/tmp",
                jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue,
                time: farm.time, assembles: true, log: start.logger)
            return JSONHandler { invocation in
                SplitJob.Answer(try await split.handle(S3Event(json: invocation.event)))
            }
        }
        exit(status)
    }
}
