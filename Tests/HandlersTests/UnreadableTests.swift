import Farm
import FarmTesting
import Handlers
import Operations
import Testing

@Suite struct `An item that cannot be read` {
    private static let error = PortError(.malformed, "read item job#x job", "its state is unknown")

    @Test func `does not keep the repair from other tasks`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 2)
        for name in ["i-1", "i-2"] {
            try await testFarm.register(WorkerID(name))
            _ = try await testFarm.lease(1, of: id, to: WorkerID(name))
        }
        try await testFarm.time.sleep(for: .seconds(600))
        testFarm.faults.fail(
            .readTask, onCall: testFarm.faults.callCount(of: .readTask) + 1, with: Self.error)
        #expect(try await testFarm.repair.expireLeases().count == 1)
        #expect(try await testFarm.repair.expireLeases().count == 1)
    }

    @Test func `keeps no other fault from being reported`() async throws {
        let testFarm = TestFarm()
        _ = try await testFarm.splitJob(frames: 1)
        testFarm.faults.breakDown(.listOpenJobs)
        await #expect(throws: PortError.self) { try await testFarm.repair.settleJobs() }
    }
}
