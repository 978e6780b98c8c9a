import Farm
import Testing

@testable import LocalCloud

@Suite struct `An interruption plan` {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func task(_ state: RenderTask.State) throws -> RenderTask {
        RenderTask(
            id: TaskID(job: JobID("marbles-1a2b3c4d"), number: 1),
            frames: try FrameRange(first: 1, last: 3), state: state, failures: [],
            interruptionCount: 0, token: FencingToken(1), revision: 1)
    }

    private func leased(_ worker: String, secondsAgo: Double) throws -> RenderTask {
        let start = Self.now + .milliseconds(Int64(-secondsAgo * 1000))
        return try task(
            .leased(
                Lease(
                    worker: WorkerID(worker), pool: Pool(instanceType: "t", zone: "z"),
                    start: start, until: start + .seconds(120))))
    }

    private func status(_ states: KeyValuePairs<String, String>) -> EmulatorStatus {
        EmulatorStatus(
            instances: states.map {
                EmulatorStatus.Line(
                    id: $0.key, zone: "z", state: $0.value, launched: "", pid: nil, price: nil)
            }, trouble: nil)
    }

    @Test func `interrupts a worker that renders a frame`() throws {
        var plan = InterruptionPlan([.imds])
        let tasks = [
            try leased("i-old", secondsAgo: 60), try leased("i-mid", secondsAgo: 5),
            try leased("i-new", secondsAgo: 1), try task(.queued),
        ]
        let running = status(["i-old": "running", "i-mid": "running", "i-new": "running"])
        let taken = plan.next(tasks, running, frameCount: 1, at: Self.now)
        #expect(taken?.worker == WorkerID("i-mid") && taken?.method == .imds)
        #expect(plan.left.isEmpty)
        #expect(plan.next(tasks, running, frameCount: 1, at: Self.now) == nil)
    }

    @Test func `waits for the first frame`() throws {
        var plan = InterruptionPlan([.both])
        let tasks = [try leased("i-1", secondsAgo: 5), try task(.queued)]
        let running = status(["i-1": "running"])
        #expect(plan.next(tasks, running, frameCount: 0, at: Self.now) == nil)
        #expect(plan.next([], running, frameCount: 1, at: Self.now) == nil)
        #expect(plan.next(tasks, running, frameCount: 1, at: Self.now) != nil)
    }

    @Test func `keeps as many workers as it ends, and interrupts no worker twice`() throws {
        var plan = InterruptionPlan([.imds, .eventBridge, .both, .kill])
        let tasks = try (1...4).map { try leased("i-\($0)", secondsAgo: Double($0) + 2) }
        var states = ["i-1": "running", "i-2": "running", "i-3": "running", "i-4": "running"]
        func status() -> EmulatorStatus {
            EmulatorStatus(
                instances: states.map {
                    EmulatorStatus.Line(
                        id: $0.key, zone: "z", state: $0.value, launched: "", pid: nil, price: nil)
                }, trouble: nil)
        }
        let first = plan.next(tasks, status(), frameCount: 1, at: Self.now)
        let second = plan.next(tasks, status(), frameCount: 1, at: Self.now)
        #expect(first?.worker == WorkerID("i-1") && second?.worker == WorkerID("i-2"))
        #expect(plan.next(tasks, status(), frameCount: 1, at: Self.now) == nil)
        states["i-1"] = nil
        states["i-2"] = "ended"
        let third = plan.next(tasks, status(), frameCount: 1, at: Self.now)
        #expect(third?.worker == WorkerID("i-3") && third?.method == .both)
        // The last worker stays until another one runs.
        #expect(plan.next(tasks, status(), frameCount: 1, at: Self.now) == nil)
        states["i-3"] = nil
        #expect(plan.next(tasks, status(), frameCount: 1, at: Self.now)?.method == .kill)
        #expect(plan.left.isEmpty)
    }
}
