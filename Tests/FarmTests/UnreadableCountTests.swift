import Testing

@testable import Farm

@Suite struct `A count of unreadable items` {
    @Test func `counts a name once and keeps the first ones`() {
        var count = UnreadableCount()
        for number in 1...30 { _ = count.add("job#\(number) job") }
        _ = count.add("job#1 job")
        #expect(count.count == 30 && count.names.count == UnreadableCount.namesMax)
        var other = UnreadableCount(["job#1 job", "job#x job"])
        other.add(count)
        #expect(other.count == 31)
    }

    @Test func `may include a worker whose name it has or does not keep`() {
        let count = UnreadableCount(["worker#i-1 worker"])
        #expect(count.mayInclude("i-1") && !count.mayInclude("i-12") && !count.mayInclude("i"))
        #expect(UnreadableCount(["a"], count: 2).mayInclude("i-1"))
        #expect(!UnreadableCount().mayInclude("i-1"))
    }

    @Test func `keeps the instance of an unreadable worker from being called silent`() {
        let member = FleetGroup.Member(id: WorkerID("i-1"), isProtected: false)
        func silent(_ unreadable: UnreadableCount) -> [WorkerID] {
            let view = FleetView(
                now: Timestamp(milliseconds: 1_000), jobs: [], workers: [],
                spot: FleetGroup(
                    lifecycle: .spot, desired: 1, unitsMin: 0, unitsMax: 9, members: [member]),
                onDemand: FleetGroup(
                    lifecycle: .onDemand, desired: 0, unitsMin: 0, unitsMax: 0, members: []),
                unreadable: unreadable)
            let policy = ScalingPolicy(
                turnAround: .seconds(60), limits: ScalingPolicy.Limits(unitsMin: 0, unitsMax: 9))
            return Array(policy.decide(view).memory.unregistered.keys)
        }
        #expect(silent(UnreadableCount()) == [WorkerID("i-1")])
        #expect(silent(UnreadableCount(["worker#i-1 worker"])) == [])
    }
}
