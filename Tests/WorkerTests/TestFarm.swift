import Operations
import Farm
import FarmTesting
import Foundation
import Logging
import Testing
import Worker

/// A queued job in memory and one worker on it, in a directory of its own.
final class TestFarm: Sendable {
    let faults = Faults()
    /// Moves only when a test moves it, so no lease is renewed unexpectedly.
    let clock = ManualTime()
    let time: any TimeSource
    let farm: InMemoryFarm
    let queue: InMemoryTaskQueue
    let scenes: InMemorySceneStore
    let frames: InMemoryFrameStore
    let slices: InMemorySliceStore
    let workers: InMemoryWorkerStore
    let notices: InMemoryNoticeStore
    let fleetStore: InMemoryFleetStore
    let protection: InMemoryProtection
    let engine = ScriptedEngine()
    let drain = DrainSignal()
    let directory: URL
    let job: JobID
    let heartbeat: WorkerHeartbeat
    let loop: RenderLoop
    private let ports: RenderLoop.Ports

    static let me = WorkerRecord(
        id: WorkerID("i-0000000000000000a"),
        pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"), lifecycle: .spot,
        state: .booting, seen: .testStart)

    init(
        frames count: Int = 2, chunk: Int = 1, leaping: Bool = false,
        tally: JobTally = JobTally(), terms: SliceTerms = SliceTerms(), assembles: Bool = false,
        limits: WorkerLimits = WorkerLimits()
    ) async throws {
        time = leaping ? LeapingTime() : clock
        farm = InMemoryFarm(faults: faults)
        queue = InMemoryTaskQueue(time: time, faults: faults)
        scenes = InMemorySceneStore(faults: faults)
        frames = InMemoryFrameStore(faults: faults)
        slices = InMemorySliceStore(faults: faults)
        workers = InMemoryWorkerStore(faults: faults)
        notices = InMemoryNoticeStore(faults: faults)
        fleetStore = InMemoryFleetStore(faults: faults)
        protection = InMemoryProtection(faults: faults)
        directory = FileManager.default.temporaryDirectory
            .appending(path: "worker-tests-\(UUID().uuidString)")
        let source = await scenes.upload(Array("BLENDER".utf8), key: "shot.blend")
        let range = try FrameRange(first: 1, last: count)
        job = JobID("shot-12345678")
        let settings = RenderSettings(
            scene: "Scene", frames: range, engine: .cycles,
            resolution: Resolution(width: 64, height: 36), format: .png)
        let tasks = SplitPlan.tasks(
            of: job, SplitPlan.Division(range, chunk: chunk, shares: terms.shares))
        let whole = Job(
            id: job, source: source, settings: settings, chunk: chunk,
            taskCount: tasks.count, created: time.now(),
            terms: JobTerms(slices: terms, assembles: assembles), state: .queued, tally: tally)
        _ = try await farm.create(whole)
        try await farm.create(tasks)
        if assembles {
            try await farm.create([
                RenderTask(id: whole.assembly, frames: settings.frames, work: .assembly)
            ])
        }
        try await queue.send(tasks.map(\.message), after: .zero)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        heartbeat = WorkerHeartbeat(
            Self.me,
            ports: WorkerHeartbeat.Ports(
                workers: workers, protection: protection,
                prices: FixedPrices(Money(decimal: "0.15"), faults: faults), time: time),
            interval: .seconds(30), log: log)
        ports = RenderLoop.Ports(
            jobs: farm, tasks: farm, queue: queue, scenes: scenes, frames: frames,
            slices: slices, notices: notices, fleetStore: fleetStore, engine: engine, time: time)
        loop = RenderLoop(
            worker: Self.me, ports: ports, heartbeat: heartbeat, directory: directory.path(),
            limits: limits, log: log)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            // Nothing was written there.
        }
    }

    func task(_ number: Int) async throws -> RenderTask {
        try #require(try await farm.task(TaskID(job: job, number: number)))
    }

    func turn() async throws -> RenderLoop.Turn { try await loop.turn(until: drain) }

    /// The stored notices of this worker.
    func kept() async throws -> [NoticeRecord] {
        try await notices.notices(of: Self.me.id)
    }

    func key(_ frame: Int) -> String {
        FrameName(job: job, number: frame, format: .png).key
    }

    /// A healthy worker on another machine takes messages until the queue is empty.
    func finishByAnother() async throws {
        engine.script(1, .render)
        let log = Logger(label: "other") { _ in SwiftLogNoOpLogHandler() }
        let other = WorkerRecord(
            id: WorkerID("i-0000000000000000b"), pool: Self.me.pool, lifecycle: .spot,
            state: .idle, seen: time.now())
        let loop = RenderLoop(
            worker: other, ports: ports,
            heartbeat: WorkerHeartbeat(
                other,
                ports: WorkerHeartbeat.Ports(
                    workers: workers, protection: InMemoryProtection(), prices: FixedPrices(nil),
                    time: time),
                interval: .seconds(30), log: log),
            directory: directory.path() + "/other", log: log)
        for _ in 0..<10 {
            clock.advance(by: .seconds(121))
            while try await queue.depth().visible > 0 {
                _ = try await loop.turn(until: DrainSignal())
            }
        }
    }

    /// Leases the task to another worker now.
    func leaseToOther(_ number: Int) async throws {
        let operations = TaskOperations(jobs: farm, tasks: farm, queue: queue, time: time)
        let until = time.now() + .seconds(120)
        try await operations.apply(
            .lease(WorkerID("i-other"), Self.me.pool, until: until),
            to: TaskID(job: job, number: number))
    }

    /// Empty after an attempt.
    func leftovers() throws -> [String] {
        let attempts = directory.appending(path: "attempts").path()
        guard FileManager.default.fileExists(atPath: attempts) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: attempts)
    }
}
