import ArgumentParser
import Farm
import FarmOnAWS
import Operations
import Presentation

/// `spotrender drain`
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Gives a worker no new tasks, then ends its instance.",
        discussion: """
            The worker finishes its current task first, unless --now is given.

              spotrender drain i-0123456789abcdef0
              spotrender drain i-0123456789abcdef0 --now
            """)

    @Argument(help: "The worker's instance, as `spotrender workers` lists it.")
    var instance: String
    @Flag(help: "Return the worker's current task to the queue at once.")
    var now = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let farm = try options.connect().farm
        let drain = DrainWorker(
            tasks: farm.tasks, workers: farm.workers,
            operations: TaskOperations(
                jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, time: farm.time),
            time: farm.time)
        guard let drained = try await drain.drain(WorkerID(instance), handingBack: now) else {
            throw PortError(
                .missing, "drain \(instance)",
                "the farm has no such worker; `spotrender workers` lists all workers")
        }
        if output.json { return try showJSON(WorkerDocument(drained.worker)) }
        let task = now ? nil : drained.worker.progress?.task
        show(
            "\(instance) takes no new tasks. "
                + (task.map { "It finishes \($0). Then the scaler ends it." }
                    ?? "The scaler ends it within minutes."))
        if now {
            show("\(Format.count(drained.handedBack.count, "task")) returned to the queue.")
        }
    }
}
