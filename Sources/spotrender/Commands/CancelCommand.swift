import ArgumentParser
import Farm
import Operations
import Presentation

/// `spotrender cancel`
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ends a job. Workers stop rendering it within seconds.",
        discussion: """
            Frames that are done stay. `spotrender retry JOB` continues the job.

              spotrender cancel shot-1a2b3c4d
            """)

    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().jobOperations.cancel(argument.id)
        try argument.showOutcome(outcome, of: "cancel", isReached: { $0 == .canceled }) {
            job, count in
            "\(job.id) \(JobText.sentence(job.state)): \(Format.count(count, "task")) canceled, "
                + "\(Format.count(job.tally.frames, "frame")) done."
        }
    }
}
