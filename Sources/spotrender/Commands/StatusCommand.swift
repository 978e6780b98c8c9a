import ArgumentParser
import Farm
import FarmOnAWS
import Presentation

/// `spotrender status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows a job's progress and the reason for each failure.",
        discussion: """

              spotrender status                  all open jobs
              spotrender status shot-1a2b3c4d
              spotrender status shot-1a2b3c4d --json | jq .framesDone
            """)

    @Argument(help: "The job's name, as in shot-1a2b3c4d. Default: all open jobs.")
    var job: String?
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let farm = connection.farm
        let now = farm.time.now()
        guard let job else {
            let open = try await farm.jobs.openJobs()
            if output.json { return try showJSON(JobsDocument(open)) }
            if open.isEmpty { show("There are no open jobs.") }
            for job in open { JobText.status(job, at: now).forEach(show) }
            return
        }
        let found = try await connection.job(JobID(job))
        let attempts = try await farm.tasks.attempts(of: found.id).sorted { $0.end < $1.end }
        let forecast = found.state.isSettled ? nil : Estimate(of: found, attempts)
        if output.json {
            return try showJSON(JobStatusDocument(found, attempts, forecast: forecast))
        }
        JobText.status(found, attempts, forecast: forecast, at: now).forEach(show)
        JobText.next(found).forEach { show("  \($0)") }
    }
}
