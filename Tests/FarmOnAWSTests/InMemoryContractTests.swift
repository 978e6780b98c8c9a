import Farm
import FarmTesting
import FoundationEssentials
import Testing

@Suite struct `The farm in memory` {
    private let stage: FarmStage = {
        let farm = InMemoryFarm()
        return FarmStage(jobs: farm, tasks: farm, time: LeapingTime(), run: "0001")
    }()

    @Test(arguments: FarmStage.jobRules + FarmStage.taskRules)
    func `keeps the contract`(_ rule: ContractRule<FarmStage>) async throws {
        try await rule.check(stage)
    }
}

@Suite struct `The task queue in memory` {
    @Test(arguments: QueueStage.rules)
    func `keeps the contract`(_ rule: ContractRule<QueueStage>) async throws {
        let time = LeapingTime()
        let queue = InMemoryTaskQueue(time: time)
        let stage = QueueStage(queue: queue, time: time) { await queue.deadLetters }
        try await rule.check(stage)
    }

    @Test func `wakes a waiting receiver when a message arrives`() async throws {
        let time = ManualTime()
        let queue = InMemoryTaskQueue(time: time)
        let message = TaskMessage(
            task: TaskID(job: JobID("a-12345678"), number: 1), token: .unleased)
        async let received = queue.receive(
            countMax: 10, wait: .seconds(20), hidden: .seconds(30))
        await time.whenAsleep()
        try await queue.send([message], after: .zero)
        #expect(try await received.map(\.message) == [message])
        #expect(time.now() == .testStart)
    }

    @Test func `ends the wait after its time`() async throws {
        let time = ManualTime()
        let queue = InMemoryTaskQueue(time: time)
        async let received = queue.receive(
            countMax: 10, wait: .seconds(20), hidden: .seconds(30))
        await time.whenAsleep()
        time.advance(by: .seconds(20))
        #expect(try await received.isEmpty)
    }
}

@Suite struct `The stores in memory` {
    @Test(arguments: SceneStage.rules)
    func `keep the scenes' contract`(_ rule: ContractRule<SceneStage>) async throws {
        let scenes = InMemorySceneStore()
        try await withTemporaryDirectory { directory in
            let stage = SceneStage(scenes: scenes, bucket: "input", directory: directory) {
                await _ = scenes.upload($0, key: $1, metadata: $2)
            }
            try await rule.check(stage)
        }
    }

    @Test(arguments: FrameStage.rules)
    func `keep the frames' contract`(_ rule: ContractRule<FrameStage>) async throws {
        try await withTemporaryDirectory { directory in
            try await rule.check(
                FrameStage(frames: InMemoryFrameStore(), run: "0001", directory: directory))
        }
    }

    @Test(arguments: FleetStoreStage.rules)
    func `keep the contract of the scaler's memory`(
        _ rule: ContractRule<FleetStoreStage>
    ) async throws {
        try await rule.check(
            FleetStoreStage(fleetStore: InMemoryFleetStore(), time: LeapingTime()))
    }

    @Test(arguments: SliceStage.rules)
    func `keep the slices' contract`(_ rule: ContractRule<SliceStage>) async throws {
        try await withTemporaryDirectory { directory in
            try await rule.check(
                SliceStage(slices: InMemorySliceStore(), run: "0001", directory: directory))
        }
    }

    @Test(arguments: WorkerStage.rules)
    func `keep the workers' contract`(_ rule: ContractRule<WorkerStage>) async throws {
        try await rule.check(
            WorkerStage(workers: InMemoryWorkerStore(), time: LeapingTime(), run: "0001"))
    }

    @Test(arguments: NoticeStage.rules)
    func `keep the notices' contract`(_ rule: ContractRule<NoticeStage>) async throws {
        try await rule.check(NoticeStage(notices: InMemoryNoticeStore(), run: "0001"))
    }
}

@Suite struct `Planned faults` {
    @Test func `stop every call after the last allowed one`() async throws {
        let faults = Faults()
        let farm = InMemoryFarm(faults: faults)
        _ = try await farm.openJobs()
        faults.stop(after: 1)
        _ = try await farm.openJobs()
        await #expect(throws: PortError.self) { try await farm.openJobs() }
        await #expect(throws: PortError.self) { try await farm.job(JobID("a")) }
        faults.resume()
        _ = try await farm.openJobs()
        #expect(faults.callCount == 5)
        #expect(faults.callCount(of: .readJob) == 1)
    }

    @Test func `fail the planned call`() async throws {
        let faults = Faults()
        let farm = InMemoryFarm(faults: faults)
        faults.fail(.readJob, onCall: 2)
        _ = try await farm.job(JobID("a"))
        await #expect(throws: PortError.self) { try await farm.job(JobID("a")) }
        _ = try await farm.job(JobID("a"))
    }
}

@Suite struct `Manual time` {
    @Test func `wakes a sleeper at its time and not earlier`() async throws {
        let time = ManualTime()
        async let slept: Void = time.sleep(for: .seconds(10))
        await time.whenAsleep()
        time.advance(by: .milliseconds(9_999))
        #expect(time.sleeperCount == 1)
        time.advance(by: .milliseconds(1))
        try await slept
        #expect(time.now() == .testStart + .seconds(10))
    }

    @Test func `wakes a canceled sleeper`() async throws {
        let time = ManualTime()
        let isCanceled = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await time.sleep(for: .seconds(10))
                    return false
                } catch {
                    return true
                }
            }
            await time.whenAsleep()
            group.cancelAll()
            return await group.next()
        }
        #expect(isCanceled == true)
        #expect(time.sleeperCount == 0)
    }
}

/// A directory for one test. It is removed when the test ends.
func withTemporaryDirectory(_ work: (String) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(
        path: "farm-on-aws-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    do {
        try await work(directory.path())
    } catch {
        try FileManager.default.removeItem(at: directory)
        throw error
    }
    try FileManager.default.removeItem(at: directory)
}
