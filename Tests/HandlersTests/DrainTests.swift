import Farm
import FarmTesting
import Handlers
import Testing

@Suite struct `A drained worker` {
    private let anna = WorkerID("i-a")

    private func drain(_ bench: Bench) -> DrainWorker {
        DrainWorker(
            tasks: bench.farm, workers: bench.workers, ledger: bench.ledger, time: bench.time)
    }

    @Test func `keeps its task and is retired`() async throws {
        let bench = Bench()
        let job = try await bench.splitJob(frames: 2)
        let held = try await bench.lease(1, of: job, to: anna)
        let drained = try #require(try await drain(bench).drain(anna, handingBack: false))
        #expect(drained.worker.state == .retired && drained.handedBack.isEmpty)
        #expect(try await bench.workers.worker(anna)?.state == .retired)
        #expect(try await bench.farm.task(held[0].id) == held[0])
    }

    @Test func `gives its task back at once when asked to, and spends no retry`() async throws {
        let bench = Bench()
        let job = try await bench.splitJob(frames: 2)
        let held = try await bench.lease(1, of: job, to: anna)
        await bench.queue.loseMessages()
        let drained = try #require(try await drain(bench).drain(anna, handingBack: true))
        #expect(drained.handedBack == held.map(\.id))
        let task = try #require(try await bench.farm.task(held[0].id))
        #expect(task.state == .queued && task.failures.isEmpty)
        #expect(await bench.queue.messages.map(\.task) == held.map(\.id))
    }

    @Test func `that is on its way out is left alone, and one that is gone is unknown`()
        async throws
    {
        let bench = Bench()
        try await bench.register(anna)
        let now = bench.time.now()
        try await bench.workers.change(anna) { $0.become(.draining, at: now) }
        #expect(
            try await drain(bench).drain(anna, handingBack: false)?.worker.state == .draining)
        try await bench.workers.change(anna) { $0.become(.gone, at: now) }
        #expect(try await drain(bench).drain(anna, handingBack: false) == nil)
        #expect(try await drain(bench).drain(WorkerID("i-x"), handingBack: false) == nil)
    }
}
