import ArgumentParser
import Presentation
import Farm
import FarmOnAWS

/// Which jobs there are.
struct Jobs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the open jobs, or all.",
        discussion: """
            The newest comes first.

              spotrender jobs
              spotrender jobs --all --json | jq -r '.jobs[] | select(.state == "failed") | .job'
            """)

    @Flag(help: "With those that are settled.")
    var all = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let farm = try options.connect().farm
        var jobs = try await farm.jobs.openJobs()
        if all { jobs += try await farm.jobs.settledJobs() }
        jobs.sort { $0.created > $1.created }
        if output.json {
            try sayJSON(JobsDocument(jobs))
        } else if jobs.isEmpty {
            say(
                all
                    ? "There are no jobs."
                    : "No job is open; `spotrender jobs --all` lists the others.")
        } else {
            JobText.table(jobs, at: farm.time.now()).forEach(say)
        }
    }
}
