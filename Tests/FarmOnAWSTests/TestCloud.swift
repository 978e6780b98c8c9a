import AWS
import Digest
import Farm
import FarmTesting
import FoundationEssentials
import HTTP
import Logging
import Testing

@testable import FarmOnAWS

/// AWS's APIs on this machine. `Tests/with-ministack.sh` starts them.
struct TestCloud {
    static let endpoint = ProcessInfo.processInfo.environment["SPOTRENDER_TEST_ENDPOINT"]

    private static let transport = MultiTransport()

    let client: AWSClient
    /// A part of every name, so that tests do not share resources.
    let run = String(UInt64.random(in: 0 ... .max), radix: 16)
    private let endpoint: String

    init() throws {
        endpoint = try #require(Self.endpoint)
        client = try AWSClient(
            environment: [
                "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            ],
            transport: Self.transport, logger: .silent)
    }

    // MARK: Resources

    /// The table, as in the template.
    func makeTable() async throws -> FarmTable {
        let name = "table-\(run)"
        func key(_ name: String, _ type: String) -> String {
            #"{"AttributeName":"\#(name)","KeyType":"\#(type)"}"#
        }
        func index(_ hash: String, _ range: String) -> String {
            #"{"IndexName":"\#(hash)","KeySchema":[\#(key(hash, "HASH")),\#(key(range, "RANGE"))],"#
                + #""Projection":{"ProjectionType":"ALL"}}"#
        }
        let attributes = ["pk", "sk", "open", "holder"]
            .map { #"{"AttributeName":"\#($0)","AttributeType":"S"}"# }.joined(separator: ",")
        _ = try await call(
            "dynamodb", "DynamoDB_20120810.CreateTable",
            #"{"TableName":"\#(name)","BillingMode":"PAY_PER_REQUEST","#
                + #""AttributeDefinitions":[\#(attributes)],"#
                + #""KeySchema":[\#(key("pk", "HASH")),\#(key("sk", "RANGE"))],"#
                + #""GlobalSecondaryIndexes":[\#(index("open", "pk")),\#(index("holder", "sk"))]}"#)
        return FarmTable(DynamoDB(client), name: name, time: SystemTime())
    }

    /// A queue's URL.
    func makeQueue(_ name: String) async throws -> String {
        struct Answer: Decodable {
            let url: String

            private enum CodingKeys: String, CodingKey {
                case url = "QueueUrl"
            }
        }
        let body = try await call(
            "sqs", "AmazonSQS.CreateQueue", #"{"QueueName":"\#(name)-\#(run)"}"#)
        return try JSONDecoder().decode(Answer.self, from: Data(body)).url
    }

    func makeBucket(isVersioned: Bool) async throws -> String {
        let name = "bucket-\(run)"
        _ = try await send(HTTPRequest(.put, "\(endpoint)/\(name)"), "s3", payload: "")
        guard isVersioned else { return name }
        let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        let request = HTTPRequest(
            .put, "\(endpoint)/\(name)?versioning=", body: .bytes(Array(body.utf8)))
        _ = try await send(request, "s3", payload: body)
        return name
    }

    // MARK: Calls that only tests make

    private func call(
        _ service: String, _ target: String, _ body: String
    ) async throws -> [UInt8] {
        let request = HTTPRequest(
            .post, "\(endpoint)/",
            headers: [
                HTTPField("Content-Type", "application/x-amz-json-1.0"),
                HTTPField("X-Amz-Target", target),
            ],
            body: .bytes(Array(body.utf8)))
        return try await send(request, service, payload: body)
    }

    private func send(
        _ request: HTTPRequest, _ service: String, payload: String
    ) async throws -> [UInt8] {
        let signer = Signer(
            service: service, region: "us-east-1",
            pathStyle: service == "s3" ? .asSent : .normalized)
        let now = UTCTime(millisecondsSinceEpoch: SystemTime().now().milliseconds)
        let signed = signer.sign(
            request, payloadHash: hex(SHA256.hash(Array(payload.utf8))),
            credentials: Credentials(accessKeyID: "test", secretAccessKey: "test"), at: now)
        let response = try await Self.transport.send(signed)
        let answer = String(decoding: response.body, as: UTF8.self)
        try #require(response.isSuccess, "\(request.url): \(answer)")
        return response.body
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension Trait where Self == ConditionTrait {
    /// The test runs only under `Tests/with-ministack.sh`.
    static var needsCloud: Self {
        .enabled(if: TestCloud.endpoint != nil, "Run it by Tests/with-ministack.sh")
    }
}
