import Farm
import FarmTesting
import Logging
import Testing
import Worker

@Suite(.timeLimit(.minutes(1))) struct `A worker's services` {
    @Test func `end after a notice when the worker is set to leave`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        let notices = InMemoryNotices(faults: testFarm.faults)
        notices.post(
            .interruption(.spotTerminate, deadline: testFarm.clock.now() + .seconds(120)))
        testFarm.engine.script(1, .hang)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await WorkerServices(
            loop: testFarm.loop,
            monitor: InterruptionMonitor(
                source: notices, limits: WorkerLimits(), heartbeat: testFarm.heartbeat,
                notices: testFarm.notices, time: testFarm.clock, log: log),
            heartbeat: testFarm.heartbeat, leavesAfterNotice: true, time: testFarm.clock, log: log
        ).run()
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.state == .gone)
        #expect(try await testFarm.task(1).state == .queued)
    }
}
