import Farm
import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import LocalCloud

/// A group, a market and a machine in memory; an instance's process ends when it is told to.
private final class Rehearsal: EmulatorCloud, InstanceHost {
    private struct State {
        var members: [GroupMember] = []
        var made = 0
        var running: [String: AsyncStream<String>.Continuation] = [:]
        var announced: [String: [InstanceNews]] = [:]
        var now = Date(timeIntervalSince1970: 1_700_000_000)
    }
    private let state = Mutex(State())

    var now: Date { state.withLock { $0.now } }
    var running: [String] { state.withLock { $0.running.keys.sorted() } }
    func announced(of instance: String) -> [InstanceNews] {
        state.withLock { $0.announced[instance, default: []] }
    }
    var listed: [String] { state.withLock { $0.members.map(\.id) } }

    func pass(_ seconds: Double) { state.withLock { $0.now += seconds } }

    /// As Auto Scaling with a lifecycle hook: the instance waits to be let go.
    func beginEnd(of instance: String) {
        state.withLock { state in
            for index in state.members.indices where state.members[index].id == instance {
                state.members[index].isLeaving = true
            }
        }
    }

    func letGo(_ instance: String) {
        state.withLock { state in state.members.removeAll { $0.id == instance } }
    }

    func setDesired(_ count: Int) {
        state.withLock { state in
            state.members = Array(state.members.prefix(count))
            while state.members.count < count { Self.add(to: &state) }
        }
    }

    private static func add(to state: inout State) {
        state.made += 1
        state.members.append(GroupMember(id: "i-\(state.made)", zone: "us-east-1b"))
    }

    func members() async throws(LocalCloudError) -> [GroupMember] { state.withLock { $0.members } }

    func replace(_ instance: String) async throws(LocalCloudError) {
        state.withLock { state in
            guard let index = state.members.firstIndex(where: { $0.id == instance }) else { return }
            state.members.remove(at: index)
            Self.add(to: &state)
        }
    }

    func roleKeys(for instance: String) async throws(LocalCloudError) -> RoleKeys {
        RoleKeys(
            accessKeyID: instance, secretAccessKey: "s", sessionToken: "t",
            expiration: now + 3600)
    }

    func price(of member: GroupMember) async throws(LocalCloudError) -> String? {
        member.isSpot ? "0.1619" : "0.308"
    }

    func announce(
        _ news: InstanceNews, of instance: String
    ) async throws(LocalCloudError) {
        state.withLock { $0.announced[instance, default: []].append(news) }
    }

    func run(
        _ instance: String, metadata: String,
        started: @escaping @Sendable (ProcessRecord) async -> Void
    ) async throws(LocalCloudError) -> String {
        let (ends, end) = AsyncStream.makeStream(of: String.self)
        state.withLock { $0.running[instance] = end }
        await started(ProcessRecord(pid: Int32(instance.dropFirst(2)) ?? 0, start: 0))
        for await how in ends { return how }
        return "canceled"
    }

    func stop(_ process: ProcessRecord) { end("i-\(process.pid)", "drained") }
    func kill(_ instance: String) { end(instance, "killed") }

    func end(_ instance: String, _ how: String) {
        let end = state.withLock { $0.running.removeValue(forKey: instance) }
        end?.yield(how)
        end?.finish()
    }
}

/// Holds the plane between turns until the test lets it go on.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pause(_ duration: Duration) async {
        // Keys are renewed in half an hour: that wait ends by cancellation only.
        if duration > .seconds(60) {
            for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
        } else if isOpen || duration < .seconds(1) {
            await Task.yield()
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// One more turn; returns when the plane waits again.
    func turn() async {
        while waiting.isEmpty { await Task.yield() }
        letGo()
        while waiting.isEmpty { await Task.yield() }
    }

    func open() {
        isOpen = true
        letGo()
    }

    private func letGo() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// Keeps what the instances' metadata would say.
private final class Metadata: InstanceMetadata {
    private let leaving = Mutex(false)

    var isLeaving: Bool { leaving.withLock(\.self) }

    func serve() async throws {
        for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
    }
    func address() async throws -> String { "http://127.0.0.1:1" }
    func keys(_ keys: RoleKeys) async {}
    func notice(deadline: Date) async {}
    func leave() async { leaving.withLock { $0 = true } }
}

@Suite(.timeLimit(.minutes(1))) struct `The Spot plane` {
    private let rehearsal = Rehearsal()
    private let folder = TemporaryFolder()
    private let gate = Gate()
    private let metadata = Metadata()

    private func rehearse(
        _ body: @escaping (SpotEmulator) async throws -> Void
    ) async throws -> [Journal.Line] {
        let (rehearsal, gate, metadata) = (rehearsal, gate, metadata)
        let journal = Journal(path: folder.path + "/instances.jsonl")
        let plane = SpotEmulator(
            kind: SpotEmulator.Kind(
                instanceType: "c5a.2xlarge", region: "us-east-1", accountID: "000000000000",
                roleName: "worker"),
            ports: SpotEmulator.Ports(
                cloud: rehearsal, host: rehearsal, journal: journal, now: { rehearsal.now },
                pause: { await gate.pause($0) },
                metadata: { _ in metadata }),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await plane.run() }
            await gate.turn()
            try await body(plane)
            await plane.shutDown()
            await gate.open()
            try await group.waitForAll()
        }
        #expect(rehearsal.running.isEmpty)
        return try journal.lines()
    }

    /// Lets the plane take turn after turn until it has come to what is expected.
    private func until(_ isTrue: () async -> Bool) async {
        while await !isTrue() { await gate.turn() }
    }

    private func states(_ plane: SpotEmulator) async -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: await plane.status().instances.map { ($0.id, $0.state) })
    }

    @Test func `runs as many workers as the group wants`() async throws {
        let lines = try await rehearse { plane in
            rehearsal.setDesired(2)
            await until { await states(plane) == ["i-1": "running", "i-2": "running"] }
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
        }
        let launches = lines.filter { $0.kind == .launch }
        #expect(launches.map(\.price) == ["0.1619", "0.1619"])
        #expect(lines.first { $0.instance == "i-2" && $0.kind == .terminate }?.reason == "scale-in")
    }

    @Test func `does not take up instances that an earlier plane left on the list`() async throws {
        rehearsal.setDesired(1)
        _ = try await rehearse { plane in
            await until { await states(plane) == ["i-2": "running"] }
        }
    }

    @Test func `replaces a worker that dies`() async throws {
        let lines = try await rehearse { plane in
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
            rehearsal.pass(60)
            rehearsal.end("i-1", "the worker exited with status 1")
            await until { await states(plane) == ["i-2": "running"] }
        }
        #expect(
            lines.first { $0.instance == "i-1" && $0.kind == .terminate }?.reason
                == "the worker exited with status 1")
    }

    @Test func `interrupts as EC2 does: notice now, the end at the deadline`() async throws {
        let lines = try await rehearse { plane in
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
            let taken = try await plane.interrupt(
                InterruptionOrder(instance: nil, afterSeconds: 120))
            #expect(taken == "i-1")
            #expect(rehearsal.announced(of: "i-1") == [.interruptionWarning])
            #expect(await states(plane) == ["i-1": "noticed"])
            rehearsal.pass(119)
            for _ in 0..<10 { await gate.turn() }
            #expect(rehearsal.running == ["i-1"])
            rehearsal.pass(1)
            await until { await states(plane) == ["i-2": "running"] }
            #expect(
                rehearsal.announced(of: "i-1") == [
                    .interruptionWarning, .state("shutting-down"), .state("terminated"),
                ])
        }
        let end = try #require(lines.first { $0.kind == .terminate })
        #expect(end.instance == "i-1")
        #expect(end.reason == "spot interruption")
    }

    @Test func `keeps a drained instance until its deadline`() async throws {
        _ = try await rehearse { plane in
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
            _ = try await plane.interrupt(InterruptionOrder(instance: "i-1", afterSeconds: 120))
            rehearsal.end("i-1", "the worker exited with status 0")
            for _ in 0..<10 { await gate.turn() }
            #expect(await states(plane) == ["i-1": "noticed"])
            rehearsal.pass(120)
            await until { await states(plane) == ["i-2": "running"] }
        }
    }

    @Test(arguments: [(DetectionStatistics.Method.imds, 0), (.eventBridge, 1), (.both, 1)])
    func `tells of the end by the paths asked for`(
        _ method: DetectionStatistics.Method, _ announced: Int
    ) async throws {
        _ = try await rehearse { plane in
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
            _ = try await plane.interrupt(
                InterruptionOrder(instance: "i-1", afterSeconds: 120, method: method))
            #expect(await states(plane) == ["i-1": "noticed"])
            #expect(rehearsal.announced(of: "i-1").count == announced)
        }
    }

    @Test func `kills without a word when asked to`() async throws {
        _ = try await rehearse { plane in
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
            _ = try await plane.interrupt(InterruptionOrder(instance: "i-1", method: .kill))
            await until { await states(plane) == ["i-2": "running"] }
            #expect(rehearsal.announced(of: "i-1").isEmpty)
        }
    }

    @Test func `lets Auto Scaling end a worker once its tasks are safe`() async throws {
        let lines = try await rehearse { plane in
            rehearsal.setDesired(1)
            await until { await states(plane) == ["i-1": "running"] }
            rehearsal.beginEnd(of: "i-1")
            await until { await states(plane) == ["i-1": "leaving"] }
            #expect(metadata.isLeaving)
            for _ in 0..<10 { await gate.turn() }
            #expect(rehearsal.running == ["i-1"])
            #expect(rehearsal.announced(of: "i-1").isEmpty)
            rehearsal.letGo("i-1")
            await until { await states(plane) == [:] }
            #expect(
                rehearsal.announced(of: "i-1") == [.state("shutting-down"), .state("terminated")])
        }
        #expect(lines.map(\.kind) == [.launch, .running, .stopping, .terminate])
        #expect(lines.last?.reason == "scale-in")
    }

    @Test func `refuses to interrupt what does not run`() async throws {
        _ = try await rehearse { plane in
            await #expect(throws: LocalCloudError.self) {
                try await plane.interrupt(InterruptionOrder(instance: "i-9"))
            }
        }
    }

    @Test func `says so when workers keep dying at start, until one lives`() async throws {
        _ = try await rehearse { plane in
            rehearsal.setDesired(1)
            for number in 1...3 {
                await until { await states(plane) == ["i-\(number)": "running"] }
                rehearsal.end("i-\(number)", "exit 1: blender not found")
            }
            await until { await plane.status().trouble?.contains("blender not found") ?? false }
            // Someone mended it: the next one lives.
            rehearsal.pass(30)
            await until { await states(plane) == ["i-4": "running"] }
            rehearsal.pass(10)
            await until { await plane.status().trouble == nil }
        }
    }
}
