import Operations
import Farm
import FarmTesting
import Testing

private let anna = WorkerID("i-0000000000000000a")
private let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

/// One job of one task, in memory, with its ledger.
private struct TestFarm {
    let faults = Faults()
    let farm: InMemoryFarm
    let queue: InMemoryTaskQueue
    let time = LeapingTime()
    let operations: TaskOperations
    let task: TaskID

    init() async throws {
        farm = InMemoryFarm(faults: faults)
        queue = InMemoryTaskQueue(time: time, faults: faults)
        operations = TaskOperations(jobs: farm, tasks: farm, queue: queue, time: time)
        let frames = try FrameRange(first: 1, last: 1)
        let settings = RenderSettings(
            scene: "Scene", frames: frames, engine: .cycles,
            resolution: Resolution(width: 64, height: 36), format: .png)
        let scene = SceneObject(
            bucket: "b", key: "s.blend", version: nil, entityTag: "t", byteCount: 1)
        let job = Job(
            id: JobID("s-1"), source: scene, settings: settings, chunk: 1, taskCount: 1,
            created: .testStart, state: .rendering)
        let tasks = SplitPlan.tasks(of: job.id, SplitPlan.Division(frames, chunk: 1))
        task = tasks[0].id
        _ = try await farm.create(job)
        try await farm.create(tasks)
    }

    func lease() async throws -> FencingToken {
        let until = time.now() + .seconds(120)
        try await operations.apply(.lease(anna, pool, until: until), to: task)
        return try #require(try await farm.task(task)).token
    }

    func messages() async throws -> [TaskMessage] {
        try await queue.receive(countMax: 10, wait: .zero, hidden: .seconds(60)).map(\.message)
    }
}

@Suite struct `Task operations` {
    @Test func `settles the job with its last task`() async throws {
        let testFarm = try await TestFarm()
        let token = try await testFarm.lease()
        try await testFarm.operations.apply(
            .succeed(token, RenderReport(frameCount: 1)), to: testFarm.task)
        let job = try #require(try await testFarm.farm.job(testFarm.task.job))
        #expect(job.state == .succeeded)
        #expect(job.tally.frames == 1)
    }

    @Test func `sends a message only after the state is written`() async throws {
        let testFarm = try await TestFarm()
        let token = try await testFarm.lease()
        testFarm.faults.fail(.commitTask, onCall: 2)
        let away = Interruption(.spotTerminate, by: .eventBridge)
        await #expect(throws: PortError.self) {
            try await testFarm.operations.apply(.interrupt(token, away), to: testFarm.task)
        }
        #expect(try await testFarm.messages().isEmpty)
        try await testFarm.operations.apply(.interrupt(token, away), to: testFarm.task)
        #expect(try await testFarm.messages() == [TaskMessage(task: testFarm.task, token: token)])
    }

    @Test func `says when an event is refused or its task is gone`() async throws {
        let testFarm = try await TestFarm()
        let token = try await testFarm.lease()
        try await testFarm.operations.apply(.succeed(token, RenderReport()), to: testFarm.task)
        let again = try await testFarm.operations.apply(
            .succeed(token, RenderReport()), to: testFarm.task)
        guard case .refused(.illegal) = again else {
            Issue.record("A second success was \(again).")
            return
        }
        let nowhere = TaskID(job: JobID("none-1"), number: 1)
        #expect(try await testFarm.operations.apply(.cancel, to: nowhere) == .missing)
    }
}
