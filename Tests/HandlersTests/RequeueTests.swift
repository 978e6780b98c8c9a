import Farm
import FarmTesting
import Handlers
import Testing

private func warning(of instance: String, action: String = "terminate") throws -> InterruptionEvent
{
    let text = """
        {"id":"e-1","detail-type":"EC2 Spot Instance Interruption Warning","source":"aws.ec2",\
        "resources":["arn:aws:ec2:us-east-1b:instance/i-9"],\
        "detail":{"instance-id":"\(instance)","instance-action":"\(action)"}}
        """
    return try InterruptionEvent(json: Array(text.utf8))
}

@Suite struct `An interruption warning` {
    @Test func `requeues what the instance holds, and a second one nothing`() async throws {
        let bench = Bench()
        let job = try await bench.splitJob(frames: 4)
        let held = try await bench.lease(2, of: job, to: WorkerID("i-a"))
        let other = try await bench.lease(1, of: job, to: WorkerID("i-b"))
        let outcome = try await bench.requeue.handle(warning(of: "i-a"))
        #expect(outcome == .requeued(held.map(\.id), stale: 0))
        for task in held {
            let now = try #require(try await bench.farm.task(task.id))
            #expect(now.state == .queued && now.interruptionCount == 1 && now.failureCount == 0)
            #expect(await bench.queue.messages.contains(now.message))
        }
        #expect(try await bench.farm.task(other[0].id) == other[0])
        #expect(try await bench.workers.worker(WorkerID("i-a"))?.state == .draining)
        let again = try await bench.requeue.handle(warning(of: "i-a"))
        #expect(again == .requeued([], stale: 0))
        #expect(try await bench.farm.attempts(of: job).count == 2)
    }

    @Test func `for an instance that is not ours changes nothing`() async throws {
        let bench = Bench()
        let outcome = try await bench.requeue.handle(warning(of: "i-foreign"))
        #expect(outcome == .foreign(WorkerID("i-foreign")))
    }

    @Test(arguments: ["terminate", "stop", "hibernate"])
    func `is read with each action EC2 has`(_ action: String) throws {
        let event = try warning(of: "i-9", action: action)
        #expect(event.cause.rawValue == action)
        #expect(event.worker == WorkerID("i-9"))
    }

    @Test func `is refused when it is something else`() throws {
        #expect(throws: EventError.self) { try warning(of: "i-9", action: "drain") }
        let schedule = try Fixture.event("schedule")
        #expect(throws: EventError.self) { try InterruptionEvent(json: schedule) }
    }

    @Test func `is read as EventBridge sends it`() throws {
        let event = try InterruptionEvent(json: Fixture.event("spot-interruption-warning"))
        #expect(event.worker.rawValue.hasPrefix("i-"))
        #expect(event.cause == .spotTerminate)
    }
}

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
