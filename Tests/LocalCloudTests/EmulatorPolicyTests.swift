import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `The Spot emulator's policy` {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)
    private static let process = ProcessRecord(pid: 7, start: 1)
    private let policy = EmulatorPolicy()

    private func actions(
        listed: [String], _ states: [String: Instance.State],
        health: EmulatorPolicy.Health = EmulatorPolicy.Health(), after seconds: Double = 0
    ) -> [EmulatorPolicy.Action] {
        policy.actions(
            members: listed.map { GroupMember(id: $0, zone: "us-east-1b") },
            instances: Dictionary(
                uniqueKeysWithValues: states.map {
                    (
                        $0.key,
                        Instance(
                            id: $0.key, zone: "us-east-1b", launched: Self.now, state: $0.value)
                    )
                }),
            health: health, now: Self.now + seconds)
    }

    @Test func `launches the instances that are on the list and not running`() {
        #expect(
            actions(listed: ["i-1", "i-2"], ["i-1": .running(Self.process)])
                == [.launch(GroupMember(id: "i-2", zone: "us-east-1b"))])
    }

    @Test func `leaves running instances of the list alone`() {
        #expect(actions(listed: ["i-1"], ["i-1": .running(Self.process)]).isEmpty)
        #expect(actions(listed: ["i-1"], ["i-1": .starting]).isEmpty)
    }

    @Test func `drains an instance that left the list, then kills it`() {
        #expect(actions(listed: [], ["i-1": .running(Self.process)]) == [.stop("i-1")])
        let stopping = Instance.State.stopping(Self.process, since: Self.now)
        #expect(actions(listed: [], ["i-1": stopping], after: 29).isEmpty)
        #expect(actions(listed: [], ["i-1": stopping], after: 30) == [.kill("i-1")])
    }

    @Test func `announces a termination by Auto Scaling once, and waits`() {
        func actions(_ listed: [GroupMember], _ state: Instance.State) -> [EmulatorPolicy.Action] {
            let instance = Instance(
                id: "i-1", zone: "us-east-1b", launched: Self.now, state: state)
            return policy.actions(
                members: listed, instances: ["i-1": instance], health: EmulatorPolicy.Health(),
                now: Self.now)
        }
        let leaving = GroupMember(id: "i-1", zone: "us-east-1b", isLeaving: true)
        #expect(actions([leaving], .running(Self.process)) == [.beginTermination("i-1")])
        #expect(actions([leaving], .leaving(Self.process)).isEmpty)
        #expect(actions([], .leaving(Self.process)) == [.stop("i-1")])
        let other = GroupMember(id: "i-2", zone: "us-east-1b", isLeaving: true)
        #expect(actions([leaving, other], .leaving(Self.process)).isEmpty)
    }

    @Test func `kills a noticed instance at its deadline and not before`() {
        let noticed = Instance.State.noticed(Self.process, deadline: Self.now + 120)
        #expect(actions(listed: ["i-1"], ["i-1": noticed], after: 119).isEmpty)
        #expect(actions(listed: ["i-1"], ["i-1": noticed], after: 120) == [.kill("i-1")])
    }

    @Test func `kills an instance without notice at once`() {
        #expect(actions(listed: ["i-1"], ["i-1": .cut(Self.process)]) == [.kill("i-1")])
    }

    @Test(arguments: [
        Instance.TerminationReason.reclaimed, .powerCut, .workerEnded("exit 1"),
    ])
    func `replaces an ended instance, then forgets it`(_ reason: Instance.TerminationReason) {
        #expect(actions(listed: ["i-1"], ["i-1": .ended(reason)]) == [.replace("i-1")])
        #expect(actions(listed: [], ["i-1": .ended(reason)]) == [.forget("i-1")])
    }

    @Test func `launches one instance at a time, less often, after early exits`() {
        var health = EmulatorPolicy.Health()
        let early = Instance(
            id: "i-0", zone: "us-east-1b", launched: Self.now, state: .ended(.workerEnded("exit 1"))
        )
        for _ in 0..<3 { health.ended(early, at: Self.now + 1, policy: policy) }
        #expect(actions(listed: ["i-1", "i-2"], [:], health: health, after: 30).isEmpty)
        #expect(actions(listed: ["i-1", "i-2"], [:], health: health, after: 31).count == 1)
    }

    @Test func `counts no interruption as an early exit`() {
        var health = EmulatorPolicy.Health()
        let reclaimed = Instance(
            id: "i-0", zone: "us-east-1b", launched: Self.now, state: .ended(.reclaimed))
        for _ in 0..<9 { health.ended(reclaimed, at: Self.now + 1, policy: policy) }
        #expect(health == EmulatorPolicy.Health())
    }

    @Test func `forgets early exits after a worker that ran for longer`() {
        var health = EmulatorPolicy.Health()
        let failed = Instance(
            id: "i-0", zone: "us-east-1b", launched: Self.now, state: .ended(.workerEnded("exit 1"))
        )
        for _ in 0..<3 { health.ended(failed, at: Self.now + 1, policy: policy) }
        health.ended(failed, at: Self.now + 60, policy: policy)
        #expect(health.earlyExits == 0)
    }
}
