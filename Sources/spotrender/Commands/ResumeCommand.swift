import ArgumentParser
import Farm
import Operations
import Presentation

/// `spotrender resume`
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Continues a paused job.",
        discussion: """

              spotrender resume shot-1a2b3c4d
            """)

    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().jobOperations.resume(argument.id)
        try argument.showOutcome(outcome, of: "resume", isReached: \.isWork) { job, count in
            "\(job.id) continues with \(Format.count(count, "waiting task"))."
        }
    }
}
