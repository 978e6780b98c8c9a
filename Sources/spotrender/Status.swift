import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import HTTP
import Logging

/// How far a job is, and why what failed did.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells how far a job is, and why what failed did.",
        discussion: """
            The farm is the one that SPOTRENDER_… and AWS_… variables name: for the local cloud run
            `. .spotrender/local/env.sh` first, for AWS what `make deploy` prints.
            """)

    @Argument(help: "The job, as in shot-1a2b3c4d. Default: all open jobs.")
    var job: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let log = Logger(label: "spotrender") { StreamLogHandler.standardError(label: $0) }
        let transport = MultiTransport(trust: HTTPTrust(environment: environment, else: .system))
        let farm = try AWSFarm(environment: environment, transport: transport, log: log)
        guard let job else {
            let open = try await farm.jobs.openJobs()
            if open.isEmpty { say("No job is open.") }
            for job in open { say(line(of: job)) }
            return
        }
        guard let found = try await farm.jobs.job(JobID(job)) else {
            throw PortError(
                .missing, "tell of job \(job)",
                "there is none of this name; `spotrender status` lists the open ones")
        }
        say(line(of: found))
        if case .failed(let reason) = found.state { say("  \(reason)") }
        try await tellFailures(of: found, farm)
    }

    private func line(of job: Job) -> String {
        let state =
            switch job.state {
            case .splitting: "is being split"
            case .queued: "waits"
            case .rendering: "is being rendered"
            case .succeeded: "is done"
            case .failed: "failed"
            case .canceled: "was canceled"
            }
        let tally = job.tally
        return "\(job.id) \(state): \(tally.succeeded) of \(job.taskCount) tasks done, "
            + "\(tally.failures) failures, \(tally.interruptions) interruptions"
    }

    private func tellFailures(of job: Job, _ farm: AWSFarm) async throws {
        guard job.tally.failures > 0 else { return }
        for attempt in try await farm.tasks.attempts(of: job.id) {
            guard case .failed(let failure) = attempt.outcome else { continue }
            say("  task \(attempt.task.number), attempt \(attempt.token), on \(attempt.worker):")
            say("    " + failure.message.replacing("\n", with: "\n    "))
            if let log = attempt.report?.logKey { say("    Blender's output: \(log)") }
        }
    }
}
