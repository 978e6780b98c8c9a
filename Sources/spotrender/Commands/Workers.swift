import Operations
import ArgumentParser
import Presentation
import Farm
import FarmOnAWS

/// Who renders.
struct Workers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the workers and what they do.",
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
            try sayJSON(WorkersDocument(workers))
        } else if workers.isEmpty {
            say("There are no workers: the fleet is at zero until there is work.")
        } else {
            JobText.workers(workers, at: farm.time.now()).forEach(say)
        }
    }
}

/// Takes a worker out of the farm.
struct Drain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lets a worker take no further task; the scaler then ends its instance.",
        discussion: """
            What it renders it finishes first, however long that takes.

              spotrender drain i-0123456789abcdef0
              spotrender drain i-0123456789abcdef0 --now
            """)

    @Argument(help: "The instance, as in `spotrender workers`.")
    var instance: String
    @Flag(help: "Give what it renders back to the queue at once.")
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
                "no worker of this farm has that name; `spotrender workers` lists them")
        }
        if output.json { return try sayJSON(WorkerDocument(drained.worker)) }
        if !now, let progress = drained.worker.progress {
            say(
                "\(instance) takes no further task. It finishes \(progress.task); then the scaler ends it."
            )
        } else {
            say("\(instance) takes no further task; the scaler ends it within minutes.")
        }
        if now { say("\(Format.count(drained.handedBack.count, "task")) went back to the queue.") }
    }
}
