import Farm
import FarmTesting
import Logging
import Testing
import Worker

@Suite(.timeLimit(.minutes(1))) struct `A worker's services` {
    @Test func `end after a notice where the worker is told to leave`() async throws {
        let bench = try await Bench(frames: 1)
        let notices = InMemoryNotices(faults: bench.faults)
        notices.post(
            .interruption(.spotTerminate, deadline: bench.clock.now() + .seconds(120)))
        bench.engine.script(1, .hang)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await WorkerServices(
            loop: bench.loop,
            monitor: InterruptionMonitor(
                source: notices, limits: Limits(), presence: bench.presence,
                notices: bench.notices, time: bench.clock, log: log),
            presence: bench.presence, leavesAfterNotice: true, time: bench.clock, log: log
        ).run()
        #expect(try await bench.workers.worker(Bench.me.id)?.state == .gone)
        #expect(try await bench.task(1).state == .queued)
    }
}
