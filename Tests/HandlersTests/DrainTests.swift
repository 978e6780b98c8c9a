import Operations
import Farm
import FarmTesting
import Handlers
import Testing

@Suite struct `A drained worker` {
    private let anna = WorkerID("i-a")

    private func drain(_ testFarm: TestFarm) -> DrainWorker {
        DrainWorker(
            tasks: testFarm.farm, workers: testFarm.workers, operations: testFarm.operations,
            time: testFarm.time)
    }

    @Test func `keeps its task`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        let held = try await testFarm.lease(1, of: job, to: anna)
        let drained = try #require(try await drain(testFarm).drain(anna, handingBack: false))
        #expect(drained.worker.state == .draining(.person) && drained.handedBack.isEmpty)
        #expect(try await testFarm.workers.worker(anna)?.state == .draining(.person))
        #expect(try await testFarm.farm.task(held[0].id) == held[0])
    }

    @Test func `gives its task back at once when asked to, and spends no retry`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        let held = try await testFarm.lease(1, of: job, to: anna)
        await testFarm.queue.loseMessages()
        let drained = try #require(try await drain(testFarm).drain(anna, handingBack: true))
        #expect(drained.handedBack == held.map(\.id))
        let task = try #require(try await testFarm.farm.task(held[0].id))
        #expect(task.state == .queued && task.failures.isEmpty)
        #expect(await testFarm.queue.messages.map(\.task) == held.map(\.id))
    }

    @Test func `that drains already is left alone, and one that is gone is unknown`()
        async throws
    {
        let testFarm = TestFarm()
        try await testFarm.register(anna)
        let now = testFarm.time.now()
        try await testFarm.workers.change(anna) { $0.apply(.drain(.notice), at: now) }
        #expect(
            try await drain(testFarm).drain(anna, handingBack: false)?.worker.state
                == .draining(.notice))
        try await testFarm.workers.change(anna) { $0.apply(.end, at: now) }
        #expect(try await drain(testFarm).drain(anna, handingBack: false) == nil)
        #expect(try await drain(testFarm).drain(WorkerID("i-x"), handingBack: false) == nil)
    }
}
