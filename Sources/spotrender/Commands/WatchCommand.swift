import ArgumentParser
import Farm
import Presentation

/// `spotrender watch`
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows a job's progress until its end.",
        discussion: """
            Draws a live picture on a terminal and prints lines elsewhere. Ctrl-C ends only the \
            watching: the job keeps running. Exits with 1 if the job failed or was canceled.

              spotrender watch shot-1a2b3c4d && spotrender download shot-1a2b3c4d frames
            """)

    @Argument(help: "The job's name, as in shot-1a2b3c4d.")
    var job: String
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let job = try await JobWatch(
            connection: try options.connect(), id: JobID(job), isForProgram: output.json
        ).run(isExpected: false)
        try Self.end(job, json: output.json)
    }

    /// Shows how the job ended. Throws exit code 1 unless the job succeeded.
    static func end(_ job: Job, json: Bool) throws {
        if json { try showJSON(JobDocument(job)) } else { JobText.next(job).forEach(show) }
        guard case .succeeded = job.state else { throw ExitCode.failure }
    }
}
