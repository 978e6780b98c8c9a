import ArgumentParser
import Farm
import Operations
import Presentation

/// The argument and options of `cancel`, `pause`, `resume` and `retry`.
struct JobArgument: ParsableArguments {
    @Argument(help: "The job's name, as in shot-1a2b3c4d.")
    var job: String
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    var id: JobID { JobID(job) }

    /// Shows the outcome of an operation on the job, or throws the reason why it is impossible.
    ///
    /// - Parameters:
    ///   - verb: As in "cancel".
    ///   - isReached: Whether the job had the wanted state before. Then there is no error.
    ///   - sentence: The outcome for people. Its second argument is the number of changed tasks.
    func showOutcome(
        _ outcome: JobOperations.Outcome, of verb: String, isReached: (Job.State) -> Bool,
        _ sentence: (Job, Int) -> String
    ) throws {
        switch outcome {
        case .unknown:
            throw Connection.unknown(id)
        case .done(let job, let count):
            if output.json { return try showJSON(JobDocument(job)) }
            show(sentence(job, count))
            JobText.next(job).forEach { show("  \($0)") }
        case .unfit(let job) where isReached(job.state):
            if output.json { return try showJSON(JobDocument(job)) }
            show("\(job.id) \(JobText.sentence(job.state)) already.")
        case .unfit(let job):
            throw ImpossibleOperation(job: job, verb: verb)
        }
    }
}

/// The job's state does not allow the operation.
struct ImpossibleOperation: Error, CustomStringConvertible {
    let job: Job
    let verb: String

    var description: String {
        let reason = "Could not \(verb) \(job.id): the job \(JobText.sentence(job.state))."
        let next = JobText.next(job)
        return next.isEmpty ? reason : reason + " Possible: " + next.joined(separator: "; ") + "."
    }
}
