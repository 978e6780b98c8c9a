import ArgumentParser
import Farm
import Operations
import Presentation

/// `spotrender pause`
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pauses a job. Running frames finish.",
        discussion: """
            No instance keeps running for a paused job.

              spotrender pause shot-1a2b3c4d
              spotrender resume shot-1a2b3c4d
            """)

    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().jobOperations.pause(argument.id)
        try argument.showOutcome(outcome, of: "pause", isReached: { $0 == .paused }) { job, _ in
            "\(job.id) is paused with \(Format.count(job.openTaskCount, "open task")). "
                + "Running frames finish."
        }
    }
}
