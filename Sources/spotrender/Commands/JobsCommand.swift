import ArgumentParser
import Farm
import FarmOnAWS
import Presentation

/// `spotrender jobs`
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Lists the open jobs, or all jobs. The newest comes first.",
        discussion: """

              spotrender jobs
              spotrender jobs --all --json | jq -r '.jobs[] | select(.state == "failed") | .job'
            """)

    @Flag(help: "Includes finished, failed and canceled jobs.")
    var all = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let farm = try options.connect().farm
        var jobs = try await farm.jobs.openJobs()
        if all { jobs += try await farm.jobs.settledJobs() }
        jobs.sort { $0.created > $1.created }
        if output.json {
            try showJSON(JobsDocument(jobs))
        } else if jobs.isEmpty {
            show(
                all
                    ? "There are no jobs."
                    : "There are no open jobs. `spotrender jobs --all` lists all jobs.")
        } else {
            JobText.table(jobs, at: farm.time.now()).forEach(show)
        }
    }
}
