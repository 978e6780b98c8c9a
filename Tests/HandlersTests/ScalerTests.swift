import Farm
import FarmTesting
import Handlers
import Testing

@Suite struct `A tick of the scaler` {
    private func scaler(_ bench: Bench) -> ScaleFleet {
        ScaleFleet(
            repair: bench.repair, fleet: bench.fleet,
            policy: ScalingPolicy(
                turnAround: .seconds(60), assumedSecondsPerFrame: 30, least: 0, most: 5),
            log: bench.log)
    }

    @Test func `asks for the right size from zero, and for zero at the end`() async throws {
        let bench = Bench()
        let job = try await bench.splitJob(frames: 6)
        _ = try await scaler(bench).tick(repairingUntil: bench.time.now() + .seconds(40))
        #expect(try await bench.fleet.capacity().desired == 3)
        for task in try await bench.lease(6, of: job, to: WorkerID("i-a")) {
            try await bench.ledger.apply(.succeed(task.token, RenderReport()), to: task.id)
        }
        _ = try await scaler(bench).tick(repairingUntil: bench.time.now() + .seconds(40))
        #expect(try await bench.fleet.capacity().desired == 0)
    }

    @Test func `writes nothing when the size is right`() async throws {
        let bench = Bench()
        _ = try await scaler(bench).tick(repairingUntil: bench.time.now() + .seconds(40))
        #expect(bench.faults.callCount(of: .setDesired) == 0)
    }

    @Test func `sizes the fleet though a repair fails, and says so`() async throws {
        let bench = Bench()
        _ = try await bench.splitJob(frames: 6)
        bench.faults.breakDown(.listWorkers)
        await #expect(throws: PortError.self) {
            try await scaler(bench).tick(repairingUntil: bench.time.now() + .seconds(40))
        }
        #expect(try await bench.fleet.capacity().desired == 3)
    }
}
