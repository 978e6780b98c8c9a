import Operations
import Farm
import FarmTesting
import Logging
import Synchronization

@testable import Handlers

/// One job, and all who touch it: splitter, workers, ticks and people, with the real rules and
/// handlers.
///
/// Each is held before every call to the world outside. A seed says who goes on, who dies there,
/// who comes next, and how time passes.
final class JobWalk: Sendable {
    /// What a worker makes of a task.
    enum TaskEnd {
        case succeeded
        /// For good, and but once.
        case failed, faulty
        case interrupted
        /// Nothing is heard of it any more.
        case silent
    }

    enum Command {
        case pause, resume, cancel, retry, retryFailed
    }

    let turnstile = InterleavingScheduler()
    let time = ManualTime()
    let farm: InMemoryFarm
    let job: Job
    private let queue: InMemoryTaskQueue
    private let workers: InMemoryWorkerStore
    private let log = Logger(label: "walk") { _ in SwiftLogNoOpLogHandler() }

    init(_ random: inout SeededGenerator, _ flaw: InMemoryFarm.Flaw?) async throws {
        let faults = Faults(turnstile: turnstile)
        farm = InMemoryFarm(faults: faults, flaw: flaw)
        queue = InMemoryTaskQueue(time: time, faults: faults)
        workers = InMemoryWorkerStore(faults: faults)
        let hasCanary = Int.random(in: 0..<3, using: &random) == 0
        let frames = try FrameRange(
            first: 1, last: hasCanary ? 12 : Int.random(in: 1...3, using: &random))
        let chunk = Int.random(in: 1...3, using: &random)
        job = Job(
            id: JobID("shot-12345678"),
            source: await InMemorySceneStore().upload([1], key: "shot.blend"),
            settings: RenderSettings(
                scene: "Scene", frames: frames, engine: .cycles,
                resolution: Resolution(width: 64, height: 36), format: .png),
            chunk: chunk,
            taskCount: SplitPlan.taskCount(frames: frames, chunk: chunk, hasCanary: hasCanary),
            created: time.now(),
            terms: JobTerms(
                assembles: Int.random(in: 0..<4, using: &random) > 0, hasCanary: hasCanary))
        _ = try await farm.create(job)
    }

    var stored: Job {
        get async throws { try await farm.job(job.id) ?? job }
    }

    var tasks: [RenderTask] {
        get async throws { try await farm.tasks(of: job.id, after: 0, limit: 1_000) }
    }

    private var operations: TaskOperations {
        TaskOperations(jobs: farm, tasks: farm, queue: queue, time: time)
    }

    // MARK: Who touches it

    func split() async throws(PortError) {
        guard let job = try await farm.job(job.id), job.state == .splitting else { return }
        try await CompleteSplit(jobs: farm, tasks: farm, queue: queue, time: time).complete(job)
    }

    func tick() async throws(PortError) {
        let repair = RepairFarm(
            ports: RepairFarm.Ports(
                jobs: farm, tasks: farm, workers: workers, queue: queue, time: time),
            operations: operations, log: log)
        let open = try await repair.settleJobs()
        _ = await repair.run(over: open, until: time.now() + .seconds(40))
    }

    func steer(_ command: Command) async throws(PortError) {
        let steer = JobOperations(
            jobs: farm, tasks: farm, workers: workers, queue: queue, time: time)
        switch command {
        case .pause: _ = try await steer.pause(job.id)
        case .resume: _ = try await steer.resume(job.id)
        case .cancel: _ = try await steer.cancel(job.id)
        case .retry: _ = try await steer.retry(job.id, failedOnly: false)
        case .retryFailed: _ = try await steer.retry(job.id, failedOnly: true)
        }
    }

    /// One turn of `RenderLoop`; `false` when there was no message.
    @discardableResult
    func work(as worker: WorkerID, _ ending: TaskEnd) async throws(PortError) -> Bool {
        let lanes = QueueLane.lanes(for: .onDemand, hasOnDemand: true)
        let terms = LeaseTerms()
        guard
            let received = try await queue.receive(
                from: lanes, countMax: 1, wait: .zero, hidden: terms.duration
            ).first
        else { return false }
        if let token = try await lease(received.message.task, to: worker, for: terms.duration) {
            let event: RenderTask.Event =
                switch ending {
                case .succeeded: .succeed(token, RenderReport())
                case .failed: .fail(token, RenderFailure(.scene, "no camera"), RenderReport())
                case .faulty: .fail(token, RenderFailure(.crashed, "signal 11"), RenderReport())
                case .interrupted:
                    .interrupt(token, Interruption(.spotTerminate, by: .instanceMetadata))
                case .silent: .renew(token, until: time.now())
                }
            let outcome = try await operations.apply(event, to: received.message.task)
            // Who has lost the lease leaves its message.
            guard case .moved = outcome, ending != .silent else { return true }
        }
        try await queue.delete(received.receipt)
        return true
    }

    private func lease(
        _ id: TaskID, to worker: WorkerID, for duration: Duration
    ) async throws(PortError) -> FencingToken? {
        guard let job = try await farm.job(id.job), let task = try await farm.task(id),
            job.allows(task)
        else { return nil }
        if case .leased(let lease) = task.state, lease.isExpired(at: time.now()) {
            try await operations.apply(.expire, to: id)
            return nil
        }
        guard task.state == .queued else { return nil }
        let record = WorkerRecord(
            id: worker, pool: .test, lifecycle: .onDemand, state: .rendering, seen: time.now(),
            revision: try await workers.worker(worker)?.revision ?? 0)
        guard try await workers.save(record) != nil,
            case .moved(let move) = try await operations.apply(
                .lease(worker, .test, until: time.now() + duration), to: id)
        else { return nil }
        if job.state == .queued {
            try await farm.apply(.start, to: job.id, at: time.now())
        }
        return move.to.token
    }
}
