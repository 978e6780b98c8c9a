import AWS
import Farm
import FarmTesting
import Foundation
import HTTP
import Testing

@testable import FarmOnAWS

@Suite struct `A conditional write` {
    private let lease: TaskTransition
    private let success: TaskTransition

    init() throws {
        let task = RenderTask(
            id: TaskID(job: JobID("a-1a2b3c4d"), number: 1),
            frames: try FrameRange(first: 1, last: 1))
        let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")
        lease = try task.apply(
            .lease(WorkerID("i-1"), pool, until: .testStart + .seconds(120)), at: .testStart)
        success = try lease.to.apply(
            .succeed(FencingToken(1), RenderReport(frameCount: 1)), at: .testStart)
    }

    @Test func `of a lease is one put on the stored revision`() async throws {
        let aws = ScriptedAWS([.ok()])
        #expect(try await DynamoDBTaskStore(aws.table()).commit(lease))
        #expect(aws.requests[0].headers.contains(HTTPField("X-Amz-Target", target("PutItem"))))
        let body = try #require(aws.bodies.first)
        #expect(body.contains(##""ConditionExpression":"#revision = :revision""##))
        #expect(body.contains(#"":revision":{"N":"0"}"#))
        #expect(body.contains(#""holder":{"S":"i-1"}"#))
        #expect(body.contains(#""write":{"S":"1"}"#))
    }

    @Test func `that loses a race is no error`() async throws {
        let other = #""Item":{"write":{"S":"someone's"}}"#
        let aws = ScriptedAWS([.refusal("ConditionalCheckFailedException", other)])
        #expect(try await !DynamoDBTaskStore(aws.table()).commit(lease))
    }

    /// The first answer was lost, and the client sent the write again.
    @Test func `recognizes its own mark when it is sent again`() async throws {
        let own = #""Item":{"write":{"S":"1"}}"#
        let aws = ScriptedAWS([.refusal("ConditionalCheckFailedException", own)])
        #expect(try await DynamoDBTaskStore(aws.table()).commit(lease))
    }

    @Test func `of a job's state also leaves a mark`() async throws {
        let job = Job.refused(
            .frames("x"), id: JobID("a"),
            source: SceneObject(
                bucket: "b", key: "k", version: nil, entityTag: "e", byteCount: 1),
            at: .testStart)
        let aws = ScriptedAWS([.ok(), .refusal("ConditionalCheckFailedException")])
        let jobs = DynamoDBJobStore(try aws.table())
        #expect(try await jobs.replace(job, with: job))
        #expect(try await !jobs.replace(job, with: job))
        let body = try #require(aws.bodies.first)
        #expect(
            body.contains(
                ##""UpdateExpression":"SET #write = :write, #state = :state, "##
                    + ##"#open = :open, #settled = :settled, #reason = :reason REMOVE #notifying""##
            ))
        #expect(
            body.contains(
                ##""ConditionExpression":"#state = :old AND #succeeded = :succeeded AND "##
                    + ##"#failed = :failed AND #canceled = :canceled""##))
        #expect(body.contains(#"":write":{"S":"1"}"#))
    }

    @Test func `of a success is a transaction of task, job and attempt`() async throws {
        let aws = ScriptedAWS([.ok()])
        #expect(try await DynamoDBTaskStore(aws.table()).commit(success))
        #expect(
            aws.requests[0].headers.contains(
                HTTPField("X-Amz-Target", target("TransactWriteItems"))))
        let body = try #require(aws.bodies.first)
        #expect(
            body.contains(
                ##""UpdateExpression":"ADD #succeeded :succeeded, #frames :frames, "##
                    + ##"#measuredFrames :measuredFrames, "##
                    + ##"#measuredFrames_c5a_2xlarge :measuredFrames_c5a_2xlarge""##))
        #expect(body.contains(#""ConditionExpression":"attribute_exists(pk)""#))
        #expect(body.contains(#""sk":{"S":"attempt#000001#000001"}"#))
    }

    @Test func `waits for another transaction and is retried`() async throws {
        let aws = ScriptedAWS([
            canceled("None", "TransactionConflict", "None"),
            canceled("TransactionConflict", "None", "None"), .ok(),
        ])
        #expect(try await DynamoDBTaskStore(aws.table()).commit(success))
        #expect(aws.requests.count == 3)
    }

    @Test func `of a put also waits for another transaction`() async throws {
        let aws = ScriptedAWS([.refusal("TransactionConflictException"), .ok()])
        #expect(try await DynamoDBTaskStore(aws.table()).commit(lease))
        #expect(aws.requests.count == 2)
    }

    @Test func `fails for an item that stays contended`() async throws {
        let conflict = canceled("None", "TransactionConflict", "None")
        let aws = ScriptedAWS(Array(repeating: conflict, count: 50))
        let table = try aws.table()
        let error = await #expect(throws: PortError.self) {
            try await DynamoDBTaskStore(table).commit(success)
        }
        #expect(error?.kind == .unavailable)
        #expect(aws.requests.count == 12)
    }

    @Test(
        arguments: [
            (["ConditionalCheckFailed", "None", "None"], nil),
            (["ConditionalCheckFailed", "TransactionConflict", "None"], nil),
            (["None", "ConditionalCheckFailed", "None"], PortError.Kind.missing),
            (["None", "None", "ConditionalCheckFailed"], .malformed),
            (["None", "ValidationError", "None"], .malformed),
        ] as [([String], PortError.Kind?)])
    func `has the reason why a transaction was canceled`(
        _ codes: [String], _ kind: PortError.Kind?
    ) async throws {
        let aws = ScriptedAWS([canceled(codes[0], codes[1], codes[2])])
        let tasks = DynamoDBTaskStore(try aws.table())
        do {
            #expect(try await !tasks.commit(success))
            #expect(kind == nil)
        } catch {
            #expect(error.kind == kind)
        }
    }

    @Test func `of new tasks leaves out existing ones and writes the rest`() async throws {
        let aws = ScriptedAWS([
            canceled("None", "ConditionalCheckFailed", "None"), .ok(),
        ])
        let tasks = SplitPlan.tasks(
            of: JobID("a"), SplitPlan.Division(try FrameRange(first: 1, last: 3), chunk: 1))
        try await DynamoDBTaskStore(aws.table()).create(tasks)
        let again = try #require(aws.bodies.last)
        #expect(again.contains("task#000001"))
        #expect(!again.contains("task#000002"))
        #expect(again.contains("task#000003"))
        #expect(aws.requests.count == 2)
    }

    private func canceled(_ codes: String...) -> HTTPResponse {
        let reasons = codes.map { #"{"Code":"\#($0)"}"# }.joined(separator: ",")
        return .refusal("TransactionCanceledException", #""CancellationReasons":[\#(reasons)]"#)
    }

    private func target(_ operation: String) -> String { "DynamoDB_20120810.\(operation)" }
}

@Suite struct `An AWS error` {
    private static func portKind(_ kind: ErrorKind) -> PortError.Kind {
        switch kind {
        case .throttled, .transient: .unavailable
        case .expiredToken, .clockSkew, .accessDenied, .invalidKeys: .denied
        case .notFound: .missing
        case .wrongRegion, .other: .malformed
        }
    }

    @Test(
        arguments: ErrorKind.kinds.map { ($0.key, 400, Self.portKind($0.value)) }
            + [
                ("InternalServerError", 500, .unavailable),
                ("ValidationException", 400, .malformed),
                ("Unlisted", 403, .denied), ("Unlisted", 404, .missing),
                ("Unlisted", 412, .missing), ("Unlisted", 503, .unavailable),
            ])
    func `has the kind of its code, else of its status`(
        _ code: String, _ status: Int, _ kind: PortError.Kind
    ) async throws {
        let aws = ScriptedAWS(Array(repeating: .refusal(code, status: status), count: 9))
        let queue = SQSTaskQueue(
            SQS(try aws.client()), url: "https://q", highURL: "https://h", onDemandURL: "https://o",
            deadLetterURL: "https://d", logger: .silent)
        let error = await #expect(throws: PortError.self) { try await queue.depth() }
        #expect(error?.kind == kind)
        #expect(error?.operation == "read the queue's depth")
    }
}

@Suite struct `The data of statistics` {
    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

    /// DynamoDB's Time to Live is in seconds, and the table's other times are in milliseconds.
    @Test func `is kept for the retention time, and a task for ever`() async throws {
        let aws = ScriptedAWS([.ok(), .ok(), .ok(), .ok()])
        let table = try aws.table()
        let task = RenderTask(
            id: TaskID(job: JobID("a-1a2b3c4d"), number: 1),
            frames: try FrameRange(first: 1, last: 1))
        let until = Timestamp.testStart + .seconds(120)
        let lease = try task.apply(.lease(WorkerID("i-1"), Self.pool, until: until), at: .testStart)
        let end = try lease.to.apply(.expire, at: until)
        #expect(try await DynamoDBTaskStore(table).commit(lease))
        #expect(try await DynamoDBTaskStore(table).commit(end))
        try await DynamoDBNoticeStore(table).record(
            NoticeRecord(
                worker: WorkerID("i-1"), .rebalance, by: .eventBridge, at: .testStart,
                deadline: nil))
        _ = try await DynamoDBWorkerStore(table).save(
            WorkerRecord(
                id: WorkerID("i-1"), pool: Self.pool, lifecycle: .spot, state: .idle,
                seen: .testStart))
        let start = Timestamp.testStart.milliseconds / 1000 + 400 * 86_400
        func ttl(_ seconds: Int64) -> String { #""ttl":{"N":"\#(seconds)"}"# }
        #expect(!aws.bodies[0].contains("ttl"))
        #expect(aws.bodies[1].components(separatedBy: "ttl").count == 2)
        #expect(aws.bodies[1].contains(ttl(start + 120)))
        #expect(aws.bodies[2].contains(ttl(start)))
        #expect(aws.bodies[3].contains(ttl(start)))
    }
}
