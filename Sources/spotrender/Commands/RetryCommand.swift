import ArgumentParser
import Farm
import Operations
import Presentation

/// `spotrender retry`
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Renders failed or canceled tasks again and resets their retry counters.",
        discussion: """
            Frames that are done are not rendered again.

              spotrender retry shot-1a2b3c4d --failed
            """)

    @Flag(help: "Only the failed tasks, not the canceled ones.")
    var failed = false
    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().jobOperations.retry(
            argument.id, failedOnly: failed)
        try argument.showOutcome(outcome, of: "retry", isReached: { _ in false }) { job, count in
            "\(job.id) \(JobText.sentence(job.state)). "
                + "\(Format.count(count, "task")) will be rendered again."
        }
    }
}
