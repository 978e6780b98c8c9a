import Farm
import Testing

@testable import LocalCloud

@Suite struct `A run that takes workers away` {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func leased(_ worker: String, secondsAgo: Double) throws -> RenderTask {
        let start = Self.now + .milliseconds(Int64(-secondsAgo * 1000))
        return try `A run's progress`.task(
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

    @Test func `takes one that is in the middle of something`() throws {
        var plan = InterruptionPlan([.imds])
        let tasks = [
            try leased("i-old", secondsAgo: 60), try leased("i-mid", secondsAgo: 5),
            try leased("i-new", secondsAgo: 1), try `A run's progress`.task(.queued),
        ]
        let running = status(["i-old": "running", "i-mid": "running", "i-new": "running"])
        let taken = plan.next(tasks, running, frameCount: 1, at: Self.now)
        #expect(taken?.worker == WorkerID("i-mid") && taken?.method == .imds)
        #expect(plan.left.isEmpty)
        #expect(plan.next(tasks, running, frameCount: 1, at: Self.now) == nil)
    }

    @Test func `takes nobody before the farm has shown that it works`() throws {
        var plan = InterruptionPlan([.both])
        let tasks = [try leased("i-1", secondsAgo: 5), try `A run's progress`.task(.queued)]
        let running = status(["i-1": "running"])
        #expect(plan.next(tasks, running, frameCount: 0, at: Self.now) == nil)
        #expect(plan.next([], running, frameCount: 1, at: Self.now) == nil)
        #expect(plan.next(tasks, running, frameCount: 1, at: Self.now) != nil)
    }

    @Test func `leaves as many as it takes, and nobody is taken twice`() throws {
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
        // The last one stays until another has come.
        #expect(plan.next(tasks, status(), frameCount: 1, at: Self.now) == nil)
        states["i-3"] = nil
        #expect(plan.next(tasks, status(), frameCount: 1, at: Self.now)?.method == .kill)
        #expect(plan.left.isEmpty)
    }
}
