import ArgumentParser
import Farm
import FarmOnAWS
import Presentation

/// `spotrender workers`
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Lists the workers and their tasks.",
        discussion: """

              spotrender workers
              spotrender workers --json | jq -r '.workers[] | select(.state == "idle") | .worker'
            """)

    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let farm = try options.connect().farm
        let workers = try await farm.workers.openWorkers()
        if output.json {
            try showJSON(WorkersDocument(workers))
        } else if workers.isEmpty {
            show("No worker is running. The farm starts workers when there is work.")
        } else {
            JobText.workers(workers, at: farm.time.now()).forEach(show)
        }
    }
}
