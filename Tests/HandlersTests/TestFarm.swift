import Operations
import Farm
import FarmTesting
import Foundation
import Handlers
import Logging
import Synchronization
import Testing

/// The farm in memory, with its handlers: what one deployment holds.
struct TestFarm {
    let faults = Faults()
    let time = LeapingTime()
    let farm: InMemoryFarm
    let queue: InMemoryTaskQueue
    let scenes: InMemorySceneStore
    let workers: InMemoryWorkerStore
    let fleet: InMemoryFleet
    let fleetStore: InMemoryFleetStore
    let notices: InMemoryNoticeStore
    let announcer: InMemoryAnnouncer
    let published = Published()
    /// The splitter's folder.
    private let scratch = TemporaryFolder()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(desired: Int = 0) {
        farm = InMemoryFarm(faults: faults)
        queue = InMemoryTaskQueue(time: time, faults: faults)
        scenes = InMemorySceneStore(faults: faults)
        workers = InMemoryWorkerStore(faults: faults)
        notices = InMemoryNoticeStore(faults: faults)
        announcer = InMemoryAnnouncer(faults: faults)
        fleet = InMemoryFleet(desired: desired, faults: faults)
        fleetStore = InMemoryFleetStore(faults: faults)
    }

    var operations: TaskOperations {
        TaskOperations(jobs: farm, tasks: farm, queue: queue, time: time)
    }

    var splitter: SplitJob { splitter() }

    func splitter(assembles: Bool = false) -> SplitJob {
        SplitJob(
            scenes: scenes, scratch: scratch.url.path(), jobs: farm, tasks: farm, queue: queue,
            time: time, assembles: assembles, log: log)
    }

    var repair: RepairFarm {
        RepairFarm(
            ports: RepairFarm.Ports(
                jobs: farm, tasks: farm, workers: workers, queue: queue, time: time),
            operations: operations, log: log)
    }

    var jobOperations: JobOperations {
        JobOperations(jobs: farm, tasks: farm, workers: workers, queue: queue, time: time)
    }

    var answer: AnswerInterruption {
        AnswerInterruption(
            ports: AnswerInterruption.Ports(
                workers: workers, tasks: farm, notices: notices, fleetStore: fleetStore,
                fleet: fleet, announcer: announcer, time: time,
                publish: { [published] in published.add($0) }),
            operations: operations, log: log)
    }

    var note: RecordCapacityShortage {
        RecordCapacityShortage(
            fleetStore: fleetStore, publish: { [published] in published.add($0) }, log: log
        ) {
            $0 == "spotrender-group" ? .spot : nil
        }
    }

    func scaler(_ policy: ScalingPolicy) -> ScaleFleet {
        ScaleFleet(
            repair: repair,
            ports: ScaleFleet.Ports(
                fleet: fleet, fleetStore: fleetStore, workers: workers, notices: notices,
                jobs: farm,
                queue: queue, announcer: announcer, time: time,
                publish: { [published] in published.add($0) }),
            policy: policy,
            announce: AnnounceJobs(jobs: farm, announcer: announcer, time: time, log: log),
            log: log)
    }

    /// All tasks of a job, in order.
    func tasks(of job: JobID) async throws -> [RenderTask] {
        try await farm.tasks(of: job, after: 0, limit: 100_000)
    }

    /// A split job of `frames` one-frame tasks, and its id.
    func splitJob(
        frames: Int, terms: [String: String] = [:], assembles: Bool = false,
        hasCanary: Bool = false
    ) async throws -> JobID {
        var metadata = ["scene": "Film", "frames": "1-\(frames)", "canary": "\(hasCanary)"]
        metadata.merge(terms) { $1 }
        await scenes.upload(try Fixture.scene(), key: "s.blend", metadata: metadata)
        let outcomes = try await splitter(assembles: assembles).handle(S3Event(key: "s.blend"))
        guard case .split(let id, _) = try #require(outcomes.first) else {
            throw PortError(.malformed, "split the fixture", "\(outcomes)")
        }
        return id
    }

    func stored(_ id: JobID) async throws -> Job {
        try #require(try await farm.job(id))
    }

    func register(_ worker: WorkerID) async throws {
        _ = try await workers.save(
            WorkerRecord(
                id: worker, pool: .test, lifecycle: .spot, state: .rendering, seen: time.now(),
                revision: workers.worker(worker)?.revision ?? 0))
    }

    /// A known worker that leased a job's first `count` waiting tasks.
    func lease(
        _ count: Int, of job: JobID, to worker: WorkerID, price: Money? = nil
    ) async throws -> [RenderTask] {
        try await register(worker)
        var leased: [RenderTask] = []
        for task in try await tasks(of: job) where task.state == .queued && leased.count < count {
            let until = time.now() + .seconds(120)
            try await operations.apply(
                .lease(worker, .test, until: until, pricePerHour: price), to: task.id)
            leased.append(try #require(try await farm.task(task.id)))
        }
        return leased
    }
}

/// What was published, in order.
final class Published: Sendable {
    private let metrics = Mutex<[[FleetMetric: Double]]>([])

    var all: [[FleetMetric: Double]] { metrics.withLock { $0 } }

    func add(_ values: [FleetMetric: Double]) {
        metrics.withLock { $0.append(values) }
    }
}

extension Pool {
    static let test = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")
}

extension S3Event {
    init(key: String, bucket: String = "input", name: String = "ObjectCreated:Put") throws {
        let text = """
            {"Records":[{"eventName":"\(name)","s3":{"bucket":{"name":"\(bucket)"},\
            "object":{"key":"\(key)"}}}]}
            """
        try self.init(json: Array(text.utf8))
    }
}

/// Files of the repository that tests read.
enum Fixture {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Two scenes, saved by Blender 3.4: “Prüfung” (active, no camera) and “Film” (5-47:3, EXR).
    static func scene() throws -> [UInt8] {
        try bytes("Tests/BlendFileTests/Fixtures/scenes-3.4.blend")
    }

    /// One that refers to files of every kind, saved by Blender 3.4.
    static func referringScene() throws -> [UInt8] {
        try bytes("Tests/BlendFileTests/Fixtures/references-3.4.blend")
    }

    /// What Blender 3.4 starts with, packed by gzip: EEVEE, frames 1 to 250, PNG.
    static func startScene() throws -> [UInt8] {
        try bytes("Tests/BlendFileTests/Fixtures/plain-3.4.blend.gz")
    }

    static func event(_ name: String) throws -> [UInt8] {
        try bytes("events/\(name).json")
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appending(path: path)))
    }
}
