internal import Digest
internal import FoundationEssentials
internal import HTTP

/// AWS JSON 1.0, the protocol of SQS and DynamoDB: the operation is a header, and both bodies are
/// JSON.
extension ServiceClient {
    /// The default time limit of a call, including its retries.
    static let limit: Duration = .seconds(60)
    /// The largest answer, in bytes. DynamoDB returns up to 1 MB of items, and their JSON is
    /// longer.
    private static let answerBytesMax = 16 << 20

    func json<Input: Encodable, Output: Decodable>(
        _ operation: String, _ input: Input, _ output: Output.Type = Output.self,
        limits: CallLimits = CallLimits()
    ) async throws(AWSError) -> Output {
        let body = jsonBody(input)
        let target = service == .sqs ? "AmazonSQS" : "DynamoDB_20120810"
        let call = ServiceCall(
            operation: operation, action: action(for: operation),
            request: HTTPRequest(
                .post, "\(endpoint.scheme)://\(endpoint.authority)\(endpoint.path)/",
                headers: [
                    HTTPField("Content-Type", "application/x-amz-json-1.0"),
                    HTTPField("X-Amz-Target", "\(target).\(operation)"),
                ],
                body: .bytes(body), sink: .memory(bytesMax: Self.answerBytesMax),
                bounds: limits.attempt),
            payloadHash: hex(SHA256.hash(body)), limit: limits.total)
        let response = try await send(call)
        do {
            // SQS sends an empty body when an operation returns nothing.
            let answer = response.body.isEmpty ? Array("{}".utf8) : response.body
            return try JSONDecoder().decode(Output.self, from: Data(answer))
        } catch {
            throw unreadable(operation, response, reason: "\(error)")
        }
    }

    /// The IAM action. A batch or a transaction needs the permission of its parts.
    private func action(for operation: String) -> String {
        switch operation {
        case "SendMessageBatch": "sqs:SendMessage"
        case "TransactWriteItems":
            "dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem and"
                + " dynamodb:ConditionCheckItem"
        default: "\(service.prefix):\(operation)"
        }
    }

    private func jsonBody(_ input: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        // The same call gives the same bytes: tests and idempotency tokens rely on that.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(input))
        } catch {
            preconditionFailure("Every request can be encoded as JSON: \(error)")
        }
    }

    func unreadable(_ operation: String, _ response: HTTPResponse, reason: String) -> AWSError {
        AWSError(
            service: service.rawValue, operation: operation, status: response.status,
            code: "UnreadableAnswer", message: String(reason.prefix(500)),
            requestID: response.header("x-amzn-requestid") ?? response.header("x-amz-request-id"),
            nextStep: "Check that AWS_ENDPOINT_URL leads to this service.")
    }
}

/// An answer whose fields are not read.
struct Nothing: Decodable {}
