import Farm
import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `An emulated instance` {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)
    private static let process = ProcessRecord(pid: 7, start: 1)
    private static let deadline = now + 120
    private static let noticed = Instance.State.noticed(process, deadline: deadline)
    private static let stopping = Instance.State.stopping(process, since: now)

    private static func instance(_ state: Instance.State) -> Instance {
        Instance(id: "i-1", zone: "us-east-1b", launched: now, state: state)
    }

    /// Every state, with an event that fits and the state that follows.
    struct Transition: Sendable {
        let state: Instance.State
        let event: Instance.Event
        let next: Instance.State
        var seconds = 0.0
    }

    private static let transitions: [Transition] = [
        Transition(state: .starting, event: .workerStarted(process), next: .running(process)),
        Transition(
            state: .starting, event: .workerEnded("no Blender"),
            next: .ended(.workerEnded("no Blender"))),
        Transition(state: .starting, event: .shutDown, next: .ended(.scaledIn)),
        Transition(
            state: .running(process), event: .notice(.both, deadline: deadline), next: noticed),
        Transition(state: .running(process), event: .powerCut, next: .cut(process)),
        Transition(state: .running(process), event: .terminationBegan, next: .leaving(process)),
        Transition(state: .running(process), event: .removedFromGroup, next: stopping),
        Transition(
            state: .running(process), event: .workerEnded("exit 1"),
            next: .ended(.workerEnded("exit 1"))),
        Transition(state: .running(process), event: .shutDown, next: .ended(.scaledIn)),
        Transition(state: .leaving(process), event: .removedFromGroup, next: stopping),
        Transition(
            state: .leaving(process), event: .workerEnded("exit 0"),
            next: .ended(.workerEnded("exit 0"))),
        Transition(state: noticed, event: .workerEnded("exit 0"), next: noticed, seconds: 119),
        Transition(
            state: noticed, event: .workerEnded("exit 0"), next: .ended(.reclaimed), seconds: 120),
        Transition(state: noticed, event: .killed, next: .ended(.reclaimed), seconds: 120),
        Transition(state: .cut(process), event: .workerEnded("signal 9"), next: .ended(.powerCut)),
        Transition(state: .cut(process), event: .shutDown, next: .ended(.powerCut)),
        Transition(state: stopping, event: .workerEnded("exit 0"), next: .ended(.scaledIn)),
        Transition(state: stopping, event: .shutDown, next: .ended(.scaledIn)),
    ]

    @Test(arguments: transitions)
    func `moves to the next state`(_ transition: Transition) {
        var instance = Self.instance(transition.state)
        _ = instance.apply(transition.event, at: Self.now + transition.seconds)
        #expect(instance.state == transition.next)
    }

    private static let events: [Instance.Event] = [
        .workerStarted(process), .notice(.both, deadline: deadline), .powerCut, .terminationBegan,
        .removedFromGroup, .workerEnded("exit 0"), .shutDown, .killed,
    ]

    @Test(arguments: events)
    func `stays ended, and repeated events have no effect`(_ event: Instance.Event) {
        var instance = Self.instance(.ended(.reclaimed))
        #expect(instance.apply(event, at: Self.now).isEmpty)
        #expect(instance.state == .ended(.reclaimed))
    }

    @Test(arguments: [noticed, .cut(process), .leaving(process), stopping])
    func `is interrupted only while it runs normally`(_ state: Instance.State) {
        for event: Instance.Event in [.notice(.both, deadline: Self.deadline), .powerCut] {
            var instance = Self.instance(state)
            #expect(instance.apply(event, at: Self.now).isEmpty)
            #expect(instance.state == state)
        }
    }

    private static func record(
        _ kind: Journal.Kind, _ reason: String? = nil, deadline: Date? = nil
    ) -> Instance.Effect {
        var line = Journal.Line(time: now, kind: kind, instance: "i-1")
        line.reason = reason
        line.deadline = deadline
        return .record(line)
    }

    @Test(arguments: [
        (
            DetectionStatistics.Method.imds,
            [Instance.Effect.showNotice(deadline: deadline)]
        ),
        (.eventBridge, [.announce(.interruptionWarning)]),
        (.both, [.showNotice(deadline: deadline), .announce(.interruptionWarning)]),
    ])
    func `gives notice by the chosen method`(
        _ method: DetectionStatistics.Method, _ effects: [Instance.Effect]
    ) {
        var instance = Self.instance(.running(Self.process))
        #expect(
            instance.apply(.notice(method, deadline: Self.deadline), at: Self.now)
                == [Self.record(.notice, method.rawValue, deadline: Self.deadline)] + effects)
    }

    @Test func `announces each of EC2's events once at scale-in`() {
        var instance = Self.instance(.running(Self.process))
        #expect(instance.apply(.terminationBegan, at: Self.now) == [.showTermination])
        #expect(
            instance.apply(.removedFromGroup, at: Self.now) == [
                .stopWorker(Self.process), Self.record(.stopping),
                .announce(.state("shutting-down")),
            ])
        #expect(
            instance.apply(.workerEnded("exit 0"), at: Self.now)
                == [Self.record(.terminate, "scale-in"), .announce(.state("terminated"))])
    }

    @Test func `sends no events after a power cut`() {
        var instance = Self.instance(.running(Self.process))
        #expect(
            instance.apply(.powerCut, at: Self.now) == [Self.record(.notice, "kill"), .killAll])
        #expect(
            instance.apply(.workerEnded("signal 9"), at: Self.now)
                == [Self.record(.terminate, "cut off")])
    }

    @Test func `announces an end that its worker caused`() {
        var instance = Self.instance(.running(Self.process))
        #expect(
            instance.apply(.workerEnded("exit 1"), at: Self.now) == [
                Self.record(.terminate, "exit 1"), .announce(.state("shutting-down")),
                .announce(.state("terminated")),
            ])
    }
}
