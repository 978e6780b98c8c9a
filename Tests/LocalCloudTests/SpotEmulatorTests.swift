import Farm
import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import LocalCloud

/// A group, a market and a machine in memory. A process ends when the test ends it.
private final class InMemoryCloud: EmulatorCloud, InstanceHost {
    private struct State {
        var members: [GroupMember] = []
        var made = 0
        var running: [String: AsyncStream<String>.Continuation] = [:]
        var announced: [String: [EmulatedEvent]] = [:]
        var now = Date(timeIntervalSince1970: 1_700_000_000)
    }
    private let state = Mutex(State())

    var now: Date { state.withLock { $0.now } }
    var running: [String] { state.withLock { $0.running.keys.sorted() } }
    func announced(of instance: String) -> [EmulatedEvent] {
        state.withLock { $0.announced[instance, default: []] }
    }
    var listed: [String] { state.withLock { $0.members.map(\.id) } }

    func pass(_ seconds: Double) { state.withLock { $0.now += seconds } }

    /// Ends an instance as Auto Scaling does: the instance waits for the lifecycle hook.
    func beginTermination(of instance: String) {
        state.withLock { state in
            for index in state.members.indices where state.members[index].id == instance {
                state.members[index].isLeaving = true
            }
        }
    }

    func completeTermination(of instance: String) {
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
        _ event: EmulatedEvent, of instance: String
    ) async throws(LocalCloudError) {
        state.withLock { $0.announced[instance, default: []].append(event) }
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

/// Holds the emulator between its rounds until the test continues it.
private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pause(_ duration: Duration) async {
        // The wait until the keys' renewal, half an hour, ends only by cancellation.
        if duration > .seconds(60) {
            for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
        } else if isOpen || duration < .seconds(1) {
            await Task.yield()
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    /// Runs one round. Returns when the emulator waits again.
    func round() async {
        while waiting.isEmpty { await Task.yield() }
        resume()
        while waiting.isEmpty { await Task.yield() }
    }

    func open() {
        isOpen = true
        resume()
    }

    private func resume() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// Records the calls to an instance's metadata.
private final class Metadata: InstanceMetadata {
    private let leaving = Mutex(false)

    var isLeaving: Bool { leaving.withLock(\.self) }

    func serve() async throws {
        for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
    }
    func address() async throws -> String { "http://127.0.0.1:1" }
    func setKeys(_ keys: RoleKeys) async {}
    func showNotice(deadline: Date) async {}
    func showTermination() async { leaving.withLock { $0 = true } }
}

@Suite(.timeLimit(.minutes(1))) struct `The Spot emulator` {
    private let cloud = InMemoryCloud()
    private let folder = TemporaryFolder()
    private let gate = Gate()
    private let metadata = Metadata()

    private func emulate(
        _ body: @escaping (SpotEmulator) async throws -> Void
    ) async throws -> [Journal.Line] {
        let (cloud, gate, metadata) = (cloud, gate, metadata)
        let journal = Journal(path: folder.path + "/instances.jsonl")
        let emulator = SpotEmulator(
            kind: SpotEmulator.Kind(
                instanceType: "c5a.2xlarge", region: "us-east-1", accountID: "000000000000",
                roleName: "worker"),
            ports: SpotEmulator.Ports(
                cloud: cloud, host: cloud, journal: journal, now: { cloud.now },
                pause: { await gate.pause($0) },
                metadata: { _ in metadata }),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await emulator.run() }
            await gate.round()
            try await body(emulator)
            await emulator.shutDown()
            await gate.open()
            try await group.waitForAll()
        }
        #expect(cloud.running.isEmpty)
        return try journal.lines()
    }

    /// Runs round after round until the condition is met.
    private func until(_ isTrue: () async -> Bool) async {
        while await !isTrue() { await gate.round() }
    }

    private func states(_ emulator: SpotEmulator) async -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: await emulator.status().instances.map { ($0.id, $0.state) })
    }

    @Test func `runs as many workers as the group asks for`() async throws {
        let lines = try await emulate { emulator in
            cloud.setDesired(2)
            await until { await states(emulator) == ["i-1": "running", "i-2": "running"] }
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
        }
        let launches = lines.filter { $0.kind == .launch }
        #expect(launches.map(\.price) == ["0.1619", "0.1619"])
        #expect(lines.first { $0.instance == "i-2" && $0.kind == .terminate }?.reason == "scale-in")
    }

    @Test func `replaces instances that an earlier emulator left on the list`() async throws {
        cloud.setDesired(1)
        _ = try await emulate { emulator in
            await until { await states(emulator) == ["i-2": "running"] }
        }
    }

    @Test func `replaces a worker that dies`() async throws {
        let lines = try await emulate { emulator in
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
            cloud.pass(60)
            cloud.end("i-1", "the worker exited with status 1")
            await until { await states(emulator) == ["i-2": "running"] }
        }
        #expect(
            lines.first { $0.instance == "i-1" && $0.kind == .terminate }?.reason
                == "the worker exited with status 1")
    }

    @Test func `interrupts as EC2 does: notice now, the end at the deadline`() async throws {
        let lines = try await emulate { emulator in
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
            let taken = try await emulator.interrupt(
                InterruptionOrder(instance: nil, afterSeconds: 120))
            #expect(taken == "i-1")
            #expect(cloud.announced(of: "i-1") == [.interruptionWarning])
            #expect(await states(emulator) == ["i-1": "noticed"])
            cloud.pass(119)
            for _ in 0..<10 { await gate.round() }
            #expect(cloud.running == ["i-1"])
            cloud.pass(1)
            await until { await states(emulator) == ["i-2": "running"] }
            #expect(
                cloud.announced(of: "i-1") == [
                    .interruptionWarning, .state("shutting-down"), .state("terminated"),
                ])
        }
        let end = try #require(lines.first { $0.kind == .terminate })
        #expect(end.instance == "i-1")
        #expect(end.reason == "spot interruption")
    }

    @Test func `keeps a drained instance until its deadline`() async throws {
        _ = try await emulate { emulator in
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
            _ = try await emulator.interrupt(InterruptionOrder(instance: "i-1", afterSeconds: 120))
            cloud.end("i-1", "the worker exited with status 0")
            for _ in 0..<10 { await gate.round() }
            #expect(await states(emulator) == ["i-1": "noticed"])
            cloud.pass(120)
            await until { await states(emulator) == ["i-2": "running"] }
        }
    }

    @Test(arguments: [(DetectionStatistics.Method.imds, 0), (.eventBridge, 1), (.both, 1)])
    func `gives notice by the chosen method`(
        _ method: DetectionStatistics.Method, _ announced: Int
    ) async throws {
        _ = try await emulate { emulator in
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
            _ = try await emulator.interrupt(
                InterruptionOrder(instance: "i-1", afterSeconds: 120, method: method))
            #expect(await states(emulator) == ["i-1": "noticed"])
            #expect(cloud.announced(of: "i-1").count == announced)
        }
    }

    @Test func `kills an instance without notice on request`() async throws {
        _ = try await emulate { emulator in
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
            _ = try await emulator.interrupt(InterruptionOrder(instance: "i-1", method: .kill))
            await until { await states(emulator) == ["i-2": "running"] }
            #expect(cloud.announced(of: "i-1").isEmpty)
        }
    }

    @Test func `stops a worker after Auto Scaling has removed its instance`() async throws {
        let lines = try await emulate { emulator in
            cloud.setDesired(1)
            await until { await states(emulator) == ["i-1": "running"] }
            cloud.beginTermination(of: "i-1")
            await until { await states(emulator) == ["i-1": "leaving"] }
            #expect(metadata.isLeaving)
            for _ in 0..<10 { await gate.round() }
            #expect(cloud.running == ["i-1"])
            #expect(cloud.announced(of: "i-1").isEmpty)
            cloud.completeTermination(of: "i-1")
            await until { await states(emulator) == [:] }
            #expect(
                cloud.announced(of: "i-1") == [.state("shutting-down"), .state("terminated")])
        }
        #expect(lines.map(\.kind) == [.launch, .running, .stopping, .terminate])
        #expect(lines.last?.reason == "scale-in")
    }

    @Test func `refuses to interrupt an instance that is not running`() async throws {
        _ = try await emulate { emulator in
            await #expect(throws: LocalCloudError.self) {
                try await emulator.interrupt(InterruptionOrder(instance: "i-9"))
            }
        }
    }

    @Test func `reports workers that keep failing at their start, until one runs`() async throws {
        _ = try await emulate { emulator in
            cloud.setDesired(1)
            for number in 1...3 {
                await until { await states(emulator) == ["i-\(number)": "running"] }
                cloud.end("i-\(number)", "exit 1: blender not found")
            }
            await until { await emulator.status().trouble?.contains("blender not found") ?? false }
            // The fault is repaired: the next worker keeps running.
            cloud.pass(30)
            await until { await states(emulator) == ["i-4": "running"] }
            cloud.pass(10)
            await until { await emulator.status().trouble == nil }
        }
    }
}
