import Operations
import ArgumentParser
import Presentation
import Farm

/// What cancel, pause, resume and retry have in common.
struct JobArgument: ParsableArguments {
    @Argument(help: "The job, as in shot-1a2b3c4d.")
    var job: String
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    var id: JobID { JobID(job) }

    /// - Parameters:
    ///   - done: In words, with how many tasks were moved.
    ///   - isSo: The state that was wanted anyway: then it is no error.
    func tell(
        _ outcome: SteerJob.Outcome, to verb: String, isSo: (Job.State) -> Bool,
        _ done: (Job, Int) -> String
    ) throws {
        switch outcome {
        case .unknown:
            throw Connection.unknown(id)
        case .done(let job, let count):
            if output.json { return try sayJSON(JobDocument(job)) }
            say(done(job, count))
            JobText.next(job).forEach { say("  \($0)") }
        case .unfit(let job):
            if isSo(job.state) {
                if output.json { return try sayJSON(JobDocument(job)) }
                say("\(job.id) \(JobText.sentence(job.state)) already.")
                return
            }
            throw Unfit(job: job, verb: verb)
        }
    }
}

/// The job's state does not allow it.
struct Unfit: Error, CustomStringConvertible {
    let job: Job
    let verb: String

    var description: String {
        let why = "Could not \(verb) \(job.id): it \(JobText.sentence(job.state))."
        let next = JobText.next(job)
        return next.isEmpty ? why : why + " Possible: " + next.joined(separator: "; ") + "."
    }
}

/// Ends a job.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ends a job: workers stop rendering it within seconds.",
        discussion: """
            Frames that are done stay where they are. `spotrender retry JOB` takes it up again.

              spotrender cancel shot-1a2b3c4d
            """)

    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().steer.cancel(argument.id)
        try argument.tell(outcome, to: "cancel", isSo: { $0 == .canceled }) { job, count in
            "\(job.id) \(JobText.sentence(job.state)): \(Format.count(count, "task")) canceled, "
                + "\(job.tally.frames) frames are done."
        }
    }
}

/// Lets a job wait.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets no further task of a job begin.",
        discussion: """
            What is being rendered is rendered to its end. A paused job keeps no instance running.

              spotrender pause shot-1a2b3c4d
              spotrender resume shot-1a2b3c4d
            """)

    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().steer.pause(argument.id)
        try argument.tell(outcome, to: "pause", isSo: { $0 == .paused }) { job, _ in
            "\(job.id) is paused, with \(Format.count(job.openTaskCount, "task")) open; "
                + "what is being rendered is rendered to its end."
        }
    }
}

/// Lets a paused job go on.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets a paused job go on.",
        discussion: """

              spotrender resume shot-1a2b3c4d
            """)

    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().steer.resume(argument.id)
        try argument.tell(outcome, to: "resume", isSo: \.isWork) { job, count in
            "\(job.id) goes on: \(Format.count(count, "task")) wait for workers."
        }
    }
}

/// Renders again what failed.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Renders the tasks of a job again that failed or were canceled.",
        discussion: """
            With fresh budgets of retries. Frames that are done are not rendered again.

              spotrender retry shot-1a2b3c4d --failed
            """)

    @Flag(help: "Only those that failed, not those that were canceled.")
    var failed = false
    @OptionGroup var argument: JobArgument

    func run() async throws {
        let outcome = try await argument.options.connect().steer.retry(
            argument.id, failedOnly: failed)
        try argument.tell(outcome, to: "retry", isSo: { _ in false }) { job, count in
            "\(job.id) \(JobText.sentence(job.state)): \(Format.count(count, "task")) tried again."
        }
    }
}
