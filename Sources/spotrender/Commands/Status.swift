import ArgumentParser
import Presentation
import Farm
import FarmOnAWS

/// How far a job is, and why what failed did.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells how far a job is, and why what failed did.",
        discussion: """

              spotrender status                  the open jobs
              spotrender status shot-1a2b3c4d
              spotrender status shot-1a2b3c4d --json | jq .framesDone
            """)

    @Argument(help: "The job, as in shot-1a2b3c4d. Default: all open jobs.")
    var job: String?
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let farm = connection.farm
        let now = farm.time.now()
        guard let job else {
            let open = try await farm.jobs.openJobs()
            if output.json { return try sayJSON(JobsDocument(open)) }
            if open.isEmpty { say("No job is open.") }
            for job in open { JobText.status(job, at: now).forEach(say) }
            return
        }
        let found = try await connection.job(JobID(job))
        let attempts = try await farm.tasks.attempts(of: found.id).sorted { $0.end < $1.end }
        let forecast = found.state.isSettled ? nil : Estimate(of: found, attempts)
        if output.json {
            return try sayJSON(JobStatusDocument(found, attempts, forecast: forecast))
        }
        JobText.status(found, attempts, forecast: forecast, at: now).forEach(say)
        JobText.next(found).forEach { say("  \($0)") }
    }
}
