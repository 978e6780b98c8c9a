import AWS
import Farm
import FarmTesting
import HTTP
import Logging
import Synchronization
import Testing

@testable import FarmOnAWS

@Suite struct `A message in SQS` {
    private static let message = TaskMessage(
        task: TaskID(job: JobID("scene-1a2b3c4d"), number: 12), token: FencingToken(3))

    private func queue(_ aws: ScriptedAWS, logger: Logger = .silent) throws -> SQSTaskQueue {
        SQSTaskQueue(
            SQS(try aws.client()), url: "https://sqs/tasks",
            highURL: "https://sqs/high", onDemandURL: "https://sqs/on-demand",
            deadLetterURL: "https://sqs/dead",
            logger: logger)
    }

    @Test func `has this form`() {
        #expect(
            MessageBody.encode(Self.message) == #"{"job":"scene-1a2b3c4d","task":12,"token":3}"#)
        #expect(MessageBody.decode(MessageBody.encode(Self.message)) == Self.message)
    }

    @Test(arguments: [
        "", "{}", "null", "[1]", #"{"job":"a","task":"1","token":0}"#, #"{"job":"a","task":1}"#,
        #"{"job":"a","task":1.5,"token":0}"#, "\u{0}",
    ])
    func `that is not from a farm stays in the queue, with a line in the log`(_ body: String)
        async throws
    {
        let escaped = body.replacing("\"", with: "\\\"").replacing("\u{0}", with: "\\u0000")
        let aws = ScriptedAWS([
            .ok(
                #"{"Messages":[{"MessageId":"m","Body":"\#(escaped)","ReceiptHandle":"r"},"#
                    + #"{"MessageId":"n","Body":"{\"job\":\"a\",\"task\":1,\"token\":0}","#
                    + #""ReceiptHandle":"s"}]}"#)
        ])
        let log = RecordingLog()
        let received = try await queue(aws, logger: log.logger).receive(
            countMax: 10, wait: .seconds(20), hidden: .seconds(120))
        #expect(received.map(\.receipt) == [Receipt("s")])
        #expect(log.lines.count == 1)
        #expect(aws.requests.count == 1)
    }

    @Test func `is sent again when SQS accepts only a part of the batch`() async throws {
        let aws = ScriptedAWS([
            .ok(#"{"Failed":[{"Id":"1","Code":"InternalError","SenderFault":false}]}"#), .ok(),
        ])
        let messages = (1...3).map {
            TaskMessage(task: TaskID(job: JobID("a"), number: $0), token: .unleased)
        }
        try await queue(aws).send(messages, after: .seconds(5))
        #expect(aws.requests.count == 2)
        #expect(aws.bodies[0].contains(#""DelaySeconds":5"#))
        #expect(aws.bodies[1].contains(#"\"task\":2"#))
        #expect(!aws.bodies[1].contains(#"\"task\":1"#))
    }

    @Test func `that SQS refuses every time is an error`() async throws {
        let failure = #"{"Failed":[{"Id":"0","Code":"InternalError","SenderFault":false}]}"#
        let aws = ScriptedAWS(Array(repeating: .ok(failure), count: 20))
        let queue = try queue(aws)
        let error = await #expect(throws: PortError.self) {
            try await queue.send([Self.message], after: .zero)
        }
        #expect(error?.kind == .unavailable)
        #expect(aws.requests.count == 5)
    }

    @Test func `is delayed by at most 15 minutes`() async throws {
        let aws = ScriptedAWS([.ok()])
        try await queue(aws).send([Self.message], after: .seconds(5_000))
        #expect(aws.bodies[0].contains(#""DelaySeconds":900"#))
    }

    @Test func `is received and hidden for whole seconds, within SQS's bounds`() async throws {
        let aws = ScriptedAWS([.ok(), .ok()])
        let queue = try queue(aws)
        _ = try await queue.receive(countMax: 1, wait: .milliseconds(1_001), hidden: .seconds(120))
        _ = try await queue.receive(countMax: 1, wait: .seconds(60), hidden: .seconds(90_000))
        #expect(aws.bodies[0].contains(#""WaitTimeSeconds":2"#))
        #expect(aws.bodies[0].contains(#""VisibilityTimeout":120"#))
        #expect(aws.bodies[1].contains(#""WaitTimeSeconds":20"#))
        #expect(aws.bodies[1].contains(#""VisibilityTimeout":43200"#))
    }

    @Test func `for a failed task has its reason, cut to the last lines`() async throws {
        let aws = ScriptedAWS([.ok(#"{"MessageId":"m"}"#)])
        let long = String(repeating: "x", count: 300_000) + "the end"
        try await queue(aws).deadLetter(Self.message.task, RenderFailure(.crashed, long))
        let body = try #require(aws.bodies.first)
        #expect(body.contains("https://sqs/dead"))
        #expect(body.contains(#"\"kind\":\"crashed\""#))
        #expect(body.contains("the end"))
        #expect(body.utf8.count < 20_000)
    }

    @Test func `that is no longer in flight is missing`() async throws {
        let aws = ScriptedAWS([.refusal("MessageNotInflight")])
        let queue = try queue(aws)
        let error = await #expect(throws: PortError.self) {
            try await queue.extend(Receipt("r"), by: .seconds(30))
        }
        #expect(error?.kind == .missing)
    }
}

/// Records log lines.
final class RecordingLog: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.kept.withLock { $0.append("\(event.message)") }
        }
    }
}
