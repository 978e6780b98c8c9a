import Digest
import FoundationEssentials
import HTTP
import Synchronization
import Testing

@testable import AWS

/// The calls against a server that checks signatures. An example:
///
///     BIND_HOST=127.0.0.1 GATEWAY_PORT=4599 AUTH=true ministack &
///     SPOTRENDER_TEST_ENDPOINT=http://127.0.0.1:4599 \
///     AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test swift test --filter AWSTests
let endpoint = ProcessInfo.processInfo.environment["SPOTRENDER_TEST_ENDPOINT"]

func liveClient() throws -> AWSClient {
    let url = try #require(endpoint)
    return try .live(
        environment: ProcessInfo.processInfo.environment.merging(
            [
                "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
                // Without keys the tests fail. They never ask an instance for its keys.
                "AWS_EC2_METADATA_DISABLED": "true",
            ]
        ) { $1 })
}

func liveClient(over transport: any HTTPTransport) throws -> AWSClient {
    let environment = ProcessInfo.processInfo.environment.merging(
        ["AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"]
    ) { $1 }
    return try .test(
        transport, environment: environment.merging(["AWS_ENDPOINT_URL": endpoint ?? ""]) { $1 },
        timing: .system,
        credentials: CredentialsChain(environment: environment, transport: MultiTransport()))
}

/// A transport that sends this many parts and fails all later ones.
final class BreakingTransport: HTTPTransport {
    private let inner = MultiTransport()
    private let partsMax: Int
    private let parts = Mutex((count: 0, isBroken: false))

    init(partsMax: Int) {
        self.partsMax = partsMax
    }

    var partCount: Int { parts.withLock(\.count) }
    var isBroken: Bool { parts.withLock(\.isBroken) }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if request.url.contains("partNumber=") {
            let isThrough = parts.withLock { parts in
                if parts.count == partsMax { parts.isBroken = true }
                if !parts.isBroken { parts.count += 1 }
                return !parts.isBroken
            }
            guard isThrough else {
                throw HTTPError(
                    kind: .tls, code: 0, operation: "PUT", message: "the line is broken")
            }
        }
        return try await inner.send(request)
    }
}

extension AWSClient {
    static func live(environment: [String: String]) throws -> AWSClient {
        try .test(
            MultiTransport(), environment: environment, timing: .system,
            credentials: CredentialsChain(environment: environment, transport: MultiTransport()))
    }
}

/// A name that no other test run uses.
func fresh(_ name: String) -> String {
    "\(name)-\(hex((0..<6).map { _ in UInt8.random(in: 0...255) }))"
}

@Suite(.enabled(if: endpoint != nil)) struct `S3 on a server` {
    @Test(arguments: [
        "plain.blend", "a b+c&d=e?f#g%20.blend", "ä/日本/🎬.blend", "dots/../x/./y//z", "'()*!@:,;$~",
    ])
    func `returns the bytes that were stored`(_ key: String) async throws {
        let files = S3(try liveClient())
        let object = S3.Object(bucket: fresh("bucket"), key: key)
        try await files.createBucket(object.bucket)
        let bytes = (0..<1000).map { UInt8($0 % 256) }
        let stored = try await files.putObject(
            object, .bytes(bytes),
            label: S3.Label(contentType: "image/png", metadata: ["frames": "1-9  x"]))
        let head = try await files.headObject(object)
        #expect(head.size == 1000)
        #expect(head.etag == stored.etag)
        #expect(head.contentType == "image/png")
        #expect(head.metadata["frames"] == "1-9  x")
        let part = try await files.getObject(object, range: 10..<20, ifMatch: stored.etag)
        #expect(part.bytes == Array(bytes[10..<20]))
        #expect(part.head.size == 1000)
        let listing = try await files.listAllObjects(bucket: object.bucket, countMax: 100)
        #expect(listing.entries.map(\.key) == [key])
        try await files.deleteObject(object)
        let error = await #expect(throws: AWSError.self) { try await files.headObject(object) }
        #expect(error?.isNotFound == true)
    }

    @Test func `resumes an upload that broke off`() async throws {
        let object = S3.Object(bucket: fresh("bucket"), key: "large.blend")
        try await S3(try liveClient()).createBucket(object.bucket)
        let folder = FileManager.default.temporaryDirectory.appending(path: fresh("live"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "large.blend").path(percentEncoded: false)
        var bytes = (0..<(22 << 20)).map { UInt8(truncatingIfNeeded: $0 / 4096) }
        try Data(bytes).write(to: URL(filePath: path))
        let plan = MultipartPlan(singleBytesMax: 1 << 20, partBytes: 5 << 20, concurrencyMax: 1)
        let name = Mutex<String?>(nil)
        let kept = S3.KeptUpload(
            read: { name.withLock { $0 } }, write: { new in name.withLock { $0 = new } })
        let label = S3.Label(metadata: ["frames": "1-9"])
        func upload(partsMax: Int) async throws -> Int {
            let transport = BreakingTransport(partsMax: partsMax)
            do {
                _ = try await S3(try liveClient(over: transport)).resumeUpload(
                    S3.FileUpload(path, to: object, label: label, plan: plan), kept: kept)
            } catch {
                #expect(transport.isBroken, "\(error)")
            }
            return transport.partCount
        }

        #expect(try await upload(partsMax: 2) == 2)
        let first = try #require(name.withLock { $0 })
        // The changed part is sent again. The other stored part is not.
        bytes[0] = 99
        try Data(bytes).write(to: URL(filePath: path))
        #expect(try await upload(partsMax: 2) == 2)
        #expect(name.withLock { $0 } == first)
        #expect(try await upload(partsMax: 100) == 2)
        #expect(name.withLock { $0 } == nil)
        let files = S3(try liveClient())
        let head = try await files.headObject(object)
        #expect(head.size == Int64(bytes.count) && head.metadata["frames"] == "1-9")
        #expect(try await files.matches(file: path, size: head.size, etag: head.etag, parts: plan))

        // The unfinished upload may have been removed. Then the upload begins again.
        name.withLock { $0 = first }
        #expect(try await upload(partsMax: 100) == 5)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `stores a large file in parts and reads it back into a file`() async throws {
        let files = S3(try liveClient())
        let object = S3.Object(bucket: fresh("bucket"), key: "large.exr")
        try await files.createBucket(object.bucket)
        let folder = FileManager.default.temporaryDirectory.appending(path: fresh("live"))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let source = folder.appending(path: "in").path(percentEncoded: false)
        let copy = folder.appending(path: "out").path(percentEncoded: false)
        let line = (0..<251).map { UInt8($0) }
        let bytes = [[UInt8]](repeating: line, count: 50_000).flatMap(\.self)
        try Data(bytes).write(to: folder.appending(path: "in"))
        try await files.upload(
            S3.FileUpload(
                source, to: object,
                plan: MultipartPlan(singleBytesMax: 1 << 20, partBytes: 5 << 20)))
        // There is a longer file from an earlier run.
        try Data(count: bytes.count + 1000).write(to: folder.appending(path: "out"))
        let head = try await files.getObject(object, to: S3.Download(copy, lengthMax: 20_000_000))
        #expect(head.size == Int64(bytes.count))
        #expect(
            try await FileSlice(whole: copy).sha256() == FileSlice(whole: source).sha256())
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `keeps an existing object when only new ones are allowed`() async throws {
        let files = S3(try liveClient())
        let object = S3.Object(bucket: fresh("bucket"), key: "k")
        try await files.createBucket(object.bucket)
        try await files.putObject(object, .bytes([1]), isNewOnly: true)
        let error = await #expect(throws: AWSError.self) {
            try await files.putObject(object, .bytes([2]), isNewOnly: true)
        }
        #expect(error?.isPreconditionFailure == true)
        let other = await #expect(throws: AWSError.self) {
            try await files.getObject(object, ifMatch: "\"0123\"")
        }
        #expect(other?.isPreconditionFailure == true)
    }

    @Test func `reports a missing bucket`() async throws {
        let files = S3(try liveClient())
        let error = await #expect(throws: AWSError.self) {
            try await files.getObject(.init(bucket: fresh("none"), key: "k"))
        }
        #expect(error?.code == "NoSuchBucket")
    }
}

@Suite(.enabled(if: endpoint != nil)) struct `SQS on a server` {
    private struct Create: Encodable {
        let QueueName: String
    }

    private struct Created: Decodable {
        let QueueUrl: String
    }

    private func queue() async throws -> (SQS, String) {
        let sqs = SQS(try liveClient())
        let created = try await sqs.service.json(
            "CreateQueue", Create(QueueName: fresh("queue")), Created.self)
        return (sqs, created.QueueUrl)
    }

    @Test func `delivers messages`() async throws {
        let (sqs, url) = try await queue()
        let failures = try await sqs.sendMessageBatch(
            queue: url, (0..<10).map { .init(body: #"{"task":\#($0),"job":"ä"}"#) })
        #expect(failures.isEmpty)
        try await sqs.sendMessage(queue: url, body: "last")
        #expect(try await sqs.depth(queue: url) == .init(waiting: 11, inFlight: 0, delayed: 0))
        var bodies: Set<String> = []
        for _ in 0..<12 {
            for message in try await sqs.receiveMessages(
                queue: url, countMax: 10, waitSeconds: 0, visibilitySeconds: 60)
            {
                #expect(message.receiveCount == 1)
                bodies.insert(message.body)
                try await sqs.deleteMessage(queue: url, receipt: message.receipt)
            }
        }
        #expect(bodies.count == 11)
        #expect(try await sqs.depth(queue: url).waiting == 0)
    }

    @Test func `makes a hidden message visible again`() async throws {
        let (sqs, url) = try await queue()
        try await sqs.sendMessage(queue: url, body: "b")
        let first = try await sqs.receiveMessages(queue: url, visibilitySeconds: 600)
        #expect(first.count == 1)
        #expect(try await sqs.receiveMessages(queue: url, waitSeconds: 0).isEmpty)
        try await sqs.changeMessageVisibility(queue: url, receipt: first[0].receipt, seconds: 0)
        #expect(try await sqs.receiveMessages(queue: url, waitSeconds: 5).count == 1)
    }

    @Test func `reports a missing queue`() async throws {
        let sqs = SQS(try liveClient())
        let error = await #expect(throws: AWSError.self) {
            try await sqs.sendMessage(queue: "\(endpoint ?? "")/000000000000/none", body: "b")
        }
        #expect(error?.isNotFound == true, "\(String(describing: error))")
    }
}

@Suite(.enabled(if: endpoint != nil)) struct `DynamoDB on a server` {
    private struct CreateTable: Encodable {
        struct Attribute: Encodable {
            let AttributeName: String
            var AttributeType: String?
            var KeyType: String?
        }

        let TableName: String
        let BillingMode = "PAY_PER_REQUEST"
        let AttributeDefinitions = ["pk", "sk"].map {
            Attribute(AttributeName: $0, AttributeType: "S")
        }
        let KeySchema = [
            Attribute(AttributeName: "pk", KeyType: "HASH"),
            Attribute(AttributeName: "sk", KeyType: "RANGE"),
        ]
    }

    private let key: DynamoDB.Item = ["pk": "job#ä", "sk": "task#1"]

    private func table() async throws -> (DynamoDB, String) {
        let database = DynamoDB(try liveClient())
        let name = fresh("table")
        _ = try await database.service.json(
            "CreateTable", CreateTable(TableName: name), Nothing.self)
        return (database, name)
    }

    @Test func `stores every type of value`() async throws {
        let (database, name) = try await table()
        let item = key.merging([
            "a": "x/\"\n", "b": 7, "c": .number(0.25), "d": true, "e": .null,
            "f": .list([1, "x"]), "g": .map(["h": .map([:])]), "i": .binary([0, 255]),
        ]) { $1 }
        try await database.putItem(.init(table: name, item: item))
        #expect(try await database.getItem(table: name, key: key) == item)
    }

    @Test func `checks conditions`() async throws {
        let (database, name) = try await table()
        let put = DynamoDB.Put(
            table: name, item: key, condition: "attribute_not_exists(pk)")
        try await database.putItem(put)
        await #expect(throws: DynamoDBError.conditionFailed(item: key)) {
            try await database.putItem(put)
        }
        try await database.updateItem(
            .init(
                table: name, key: key, update: "ADD #n :one", names: ["#n": "count"],
                values: [":one": 1]))
        let updated = try await database.getItem(table: name, key: key)
        #expect(updated?["count"] == 1)
    }

    @Test func `does all writes of a transaction or none`() async throws {
        let (database, name) = try await table()
        let other: DynamoDB.Item = ["pk": "job#ä", "sk": "job"]
        try await database.transactWrite([
            .put(.init(table: name, item: key)), .put(.init(table: name, item: other)),
        ])
        let error = await #expect(throws: DynamoDBError.self) {
            try await database.transactWrite([
                .update(
                    .init(
                        table: name, key: other, update: "SET a = :a", values: [":a": "done"])),
                .put(.init(table: name, item: key, condition: "attribute_not_exists(pk)")),
            ])
        }
        guard case .transactionCanceled(let reasons) = error, reasons.count == 2 else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reasons[0] == .none)
        guard case .conditionFailed = reasons[1] else {
            Issue.record("\(reasons[1])")
            return
        }
        #expect(try await database.getItem(table: name, key: other) == other)
    }

    @Test func `stores many items and is queried page by page`() async throws {
        let (database, name) = try await table()
        try await database.transactWrite(
            (0..<60).map {
                let item: DynamoDB.Item = [
                    "pk": "p", "sk": .s("task#\($0 + 100)"), "n": .number($0),
                ]
                return .put(.init(table: name, item: item))
            })
        let result = try await database.queryAll(
            .init(
                table: name, keyCondition: "pk = :p AND begins_with(sk, :s)",
                values: [":p": "p", ":s": "task#"], isConsistent: true, limit: 25),
            itemsMax: 1000)
        #expect(result.isComplete)
        #expect(result.items.compactMap { $0["n"]?.int } == (0..<60).map { Int64($0) })
    }
}

@Suite(.enabled(if: endpoint != nil)) struct `A server` {
    @Test func `refuses unknown keys, and the error names the next step`() async throws {
        let url = try #require(endpoint)
        let client = try AWSClient.live(environment: [
            "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIANOBODYKNOWSTHIS0", "AWS_SECRET_ACCESS_KEY": "wrong",
        ])
        let sqs = SQS(client)
        let error = await #expect(throws: AWSError.self) {
            try await sqs.depth(queue: "\(url)/000000000000/none")
        }
        #expect(
            error?.nextStep.contains("Check the access key") == true, "\(String(describing: error))"
        )
    }

    @Test func `that does not answer is named in the error`() async throws {
        let client = try AWSClient.live(environment: [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        ])
        let sqs = SQS(client)
        let error = await #expect(throws: AWSError.self) { try await sqs.depth(queue: "q") }
        #expect(error?.code == "Unreachable")
        #expect(error?.message.contains("127.0.0.1:9") == true)
    }
}
