import AWS
import Farm
import FarmTesting
import Foundation
import HTTP
import Logging
import Testing

@testable import FarmOnAWS

/// The kinds of items that lists return, each with an item of this version.
enum ListedKind: CaseIterable, Sendable {
    case job, task, heldTask, attempt, worker, notice, shortage, reclaim

    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")
    private static let id = TaskID(job: JobID("scene-1a2b3c4d"), number: 12)
    private static let workerID = WorkerID("i-0abc")
    private static let start = Timestamp(milliseconds: 1_000)

    func item() throws -> DynamoDB.Item {
        let frames = try FrameRange(first: 1, last: 7)
        let lease = Lease(
            worker: Self.workerID, pool: Self.pool, start: Self.start,
            until: Self.start + .seconds(120))
        switch self {
        case .job:
            return JobItem.item(
                Job(
                    id: Self.id.job,
                    source: SceneObject(
                        bucket: "input", key: "a.blend", version: nil, entityTag: "e", byteCount: 1),
                    settings: nil, chunk: 1, taskCount: 6, created: Self.start))
        case .task, .heldTask:
            return TaskItem.item(
                RenderTask(
                    id: Self.id, frames: frames, state: .leased(lease), failures: [],
                    interruptionCount: 0, token: FencingToken(3), revision: 9))
        case .attempt:
            return AttemptItem.item(
                Attempt(
                    task: Self.id, token: FencingToken(3), lease: lease,
                    end: Self.start + .seconds(9), outcome: .succeeded,
                    report: RenderReport(frameCount: 1)))
        case .worker:
            return WorkerItem.item(
                WorkerRecord(
                    id: Self.workerID, pool: Self.pool, lifecycle: .spot, state: .idle,
                    seen: Self.start))
        case .notice:
            return NoticeItem.item(
                NoticeRecord(
                    worker: Self.workerID, .rebalance, by: .eventBridge, at: Self.start,
                    deadline: nil))
        case .shortage:
            return RefusalItem.item(
                CapacityShortage(
                    lifecycle: .spot, zone: "us-east-1a", time: Self.start,
                    coolingUntil: Self.start + .seconds(600), message: "none"))
        case .reclaim:
            return ReclaimItem.item(
                PoolReclaim(worker: Self.workerID, pool: Self.pool, time: Self.start))
        }
    }

    /// An attribute with a value that a later version may add.
    var later: (name: String, value: AttributeValue) {
        switch self {
        case .job, .task, .heldTask, .worker: ("state", "baking")
        case .attempt: ("outcome", "baked")
        case .notice: ("path", "pigeon")
        case .shortage: ("lifecycle", "reserved")
        case .reclaim: ("time", "2027-01-01T00:00:00Z")
        }
    }

    /// Attributes that the version before did not write.
    var added: [String] {
        switch self {
        case .job: ["assemblies", "blankFrames"]
        case .task, .heldTask: ["failed", "changed"]
        case .attempt: ["report"]
        case .worker: ["disk", "graphics", "progress", "cooling"]
        case .notice: ["lostMilliseconds"]
        case .shortage, .reclaim: []
        }
    }

    /// How many items the list has.
    func list(_ table: FarmTable) async throws(PortError) -> Int {
        let job = Self.id.job
        switch self {
        case .job: return try await DynamoDBJobStore(table).openJobs().count
        case .task:
            return try await DynamoDBTaskStore(table).tasks(of: job, after: 0, limit: 9).count
        case .heldTask: return try await DynamoDBTaskStore(table).tasks(heldBy: Self.workerID).count
        case .attempt: return try await DynamoDBTaskStore(table).attempts(of: job).count
        case .worker: return try await DynamoDBWorkerStore(table).openWorkers().count
        case .notice: return try await DynamoDBNoticeStore(table).notices(of: Self.workerID).count
        case .shortage: return try await DynamoDBFleetStore(table).refusals(at: Self.start).count
        case .reclaim: return try await DynamoDBFleetStore(table).reclaims(since: Self.start).count
        }
    }
}

@Suite struct `A list of items` {
    private static func page(_ items: [DynamoDB.Item], next: DynamoDB.Item? = nil) throws -> String
    {
        let encoder = JSONEncoder()
        let body = String(decoding: try encoder.encode(items), as: UTF8.self)
        guard let next else { return #"{"Items":\#(body)}"# }
        let key = String(decoding: try encoder.encode(next), as: UTF8.self)
        return #"{"Items":\#(body),"LastEvaluatedKey":\#(key)}"#
    }

    @Test(arguments: ListedKind.allCases)
    func `has those of the version before and of the one after`(_ kind: ListedKind) async throws {
        var before = try kind.item()
        for name in kind.added { before[name] = nil }
        var after = try kind.item()
        after["novelty"] = .map(["list": .list([1, "a"])])
        let table = try ScriptedAWS([.ok(try Self.page([before, after]))]).table()
        #expect(try await kind.list(table) == 2)
        #expect(table.unreadable.take().isEmpty)
    }

    @Test(arguments: ListedKind.allCases)
    func `leaves out one that cannot be read, and names it once`(_ kind: ListedKind) async throws {
        var strange = try kind.item()
        strange[kind.later.name] = kind.later.value
        let items = [strange, try kind.item(), strange]
        let table = try ScriptedAWS([.ok(try Self.page(items))]).table()
        #expect(try await kind.list(table) == 1)
        let found = table.unreadable.take()
        #expect(found.count == 1 && found.names == [ItemReader.name(of: strange)])
        #expect(table.unreadable.take().isEmpty)
    }

    @Test func `has a job and an attempt with the sentences of the version before`() async throws {
        var job = try ListedKind.job.item()
        job["note"] = "over budget"
        job["state"] = "failed"
        job["reason"] = "no camera"
        #expect(try JobItem.job(job).note == nil)
        #expect(try JobItem.job(job).state == .failed(.refused("no camera")))
        var attempt = try ListedKind.attempt.item()
        var report = try #require(attempt["report"]?.map)
        report["slicing"] = .map(["decision": "slices of 100 s"])
        attempt["report"] = .map(report)
        #expect(try AttemptItem.attempt(attempt).report?.slicing == nil)
    }

    @Test func `has a job with a note of the version after`() throws {
        var job = try ListedKind.job.item()
        job["note"] = .map(["kind": "earthquake"])
        #expect(try JobItem.job(job).note == nil)
    }

    @Test func `is read although an attribute has an unknown type`() async throws {
        let item = String(
            decoding: try JSONEncoder().encode(try ListedKind.job.item()), as: UTF8.self)
        let body = #"{"Items":[\#(item.dropLast()),"tags":{"SS":["a"]}}]}"#
        #expect(try await ListedKind.job.list(try ScriptedAWS([.ok(body)]).table()) == 1)
    }

    @Test func `of tasks goes on behind one that cannot be read`() async throws {
        var items: [DynamoDB.Item] = []
        for number in 1...3 {
            let id = TaskID(job: JobID("scene-1a2b3c4d"), number: number)
            items.append(
                TaskItem.item(RenderTask(id: id, frames: try FrameRange(first: 1, last: 1))))
        }
        items[0]["state"] = "baking"
        let aws = ScriptedAWS([
            .ok(
                try Self.page(
                    Array(items[..<2]),
                    next: Key.task(TaskID(job: JobID("scene-1a2b3c4d"), number: 2)))),
            .ok(try Self.page([items[2]])),
        ])
        let tasks = try await DynamoDBTaskStore(aws.table()).tasks(
            of: JobID("scene-1a2b3c4d"), after: 0, limit: 2)
        #expect(tasks.map(\.id.number) == [2, 3])
        #expect(aws.bodies[1].contains("task#000002!"))
    }

    @Test(arguments: [Int64.max, .min, 1 << 53 + 1])
    func `leaves out one with a number that would overflow a sum`(_ number: Int64) async throws {
        var item = try ListedKind.job.item()
        item["frames"] = .number(number)
        let table = try ScriptedAWS([.ok(try Self.page([item]))]).table()
        #expect(try await ListedKind.job.list(table) == 0)
    }
}

@Suite struct `The fleet's memory` {
    @Test func `that cannot be read is replaced`() async throws {
        var item = FleetItem.item(FleetMemory(revision: 7))
        item["unnotified"] = .list([.map(["earthquake": true])])
        let body = String(decoding: try JSONEncoder().encode(item), as: UTF8.self)
        let table = try ScriptedAWS([.ok(#"{"Item":\#(body)}"#)]).table()
        #expect(try await DynamoDBFleetStore(table).memory() == FleetMemory(revision: 7))
        #expect(table.unreadable.take().names == ["fleet fleet"])
    }
}
