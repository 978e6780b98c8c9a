internal import HTTP

/// SQS: sends, receives and deletes messages. Source: API version 2012-11-05, JSON 1.0.
package struct SQS: Sendable {
    /// SQS's bound on the messages of one batch or one receive.
    package static let batchMax = 10

    /// A received message.
    package struct Message: Hashable, Sendable, Decodable {
        package let id: String
        package let body: String
        /// Identifies this delivery when the message is deleted or hidden. Valid for up to 12
        /// hours.
        package let receipt: String
        /// How often the message was received, including this time.
        package let receiveCount: Int

        package init(id: String, body: String, receipt: String, receiveCount: Int) {
            self.id = id
            self.body = body
            self.receipt = receipt
            self.receiveCount = receiveCount
        }

        private enum CodingKeys: String, CodingKey {
            case id = "MessageId"
            case body = "Body"
            case receipt = "ReceiptHandle"
            case attributes = "Attributes"
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            body = try container.decode(String.self, forKey: .body)
            receipt = try container.decode(String.self, forKey: .receipt)
            let attributes = try container.decodeIfPresent(
                [String: String].self, forKey: .attributes)
            receiveCount = attributes?["ApproximateReceiveCount"].flatMap { Int($0) } ?? 1
        }
    }

    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .sqs)
    }

    private struct Send: Encodable {
        let queue: String
        let body: String
        let delaySeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case queue = "QueueUrl"
            case body = "MessageBody"
            case delaySeconds = "DelaySeconds"
        }
    }

    private struct Sent: Decodable {
        let id: String

        private enum CodingKeys: String, CodingKey {
            case id = "MessageId"
        }
    }

    /// Sends a message.
    ///
    /// - Parameter delaySeconds: 0 to 900, or `nil` for the queue's delay.
    /// - Returns: the message's ID.
    @discardableResult
    package func sendMessage(
        queue: String, body: String, delaySeconds: Int? = nil
    ) async throws(AWSError) -> String {
        let input = Send(queue: queue, body: body, delaySeconds: delaySeconds)
        return try await service.json("SendMessage", input, Sent.self).id
    }

    private struct Receive: Encodable {
        let queue: String
        let count: Int
        let waitSeconds: Int
        let visibilitySeconds: Int?
        let attributes = ["ApproximateReceiveCount"]

        private enum CodingKeys: String, CodingKey {
            case queue = "QueueUrl"
            case count = "MaxNumberOfMessages"
            case waitSeconds = "WaitTimeSeconds"
            case visibilitySeconds = "VisibilityTimeout"
            case attributes = "MessageSystemAttributeNames"
        }
    }

    private struct Received: Decodable {
        let messages: [Message]?

        private enum CodingKeys: String, CodingKey {
            case messages = "Messages"
        }
    }

    /// Waits for the first message. Returns an empty list when none arrives in time.
    ///
    /// - Parameters:
    ///   - countMax: 1 to 10.
    ///   - waitSeconds: 0 to 20.
    ///   - visibilitySeconds: how long the messages stay hidden, or `nil` for the queue's setting.
    package func receiveMessages(
        queue: String, countMax: Int = 1, waitSeconds: Int = 20, visibilitySeconds: Int? = nil
    ) async throws(AWSError) -> [Message] {
        let input = Receive(
            queue: queue, count: countMax, waitSeconds: waitSeconds,
            visibilitySeconds: visibilitySeconds)
        // No bytes arrive during the wait, so the stall limit must be longer.
        let patience = Duration.seconds(waitSeconds + 10)
        return try await service.json(
            "ReceiveMessage", input, Received.self,
            limits: CallLimits(
                attempt: HTTPBounds(total: patience, stall: patience),
                total: patience + ServiceClient.limit)
        ).messages ?? []
    }

    private struct Handle: Encodable {
        let queue: String
        let receipt: String
        var visibilitySeconds: Int?

        private enum CodingKeys: String, CodingKey {
            case queue = "QueueUrl"
            case receipt = "ReceiptHandle"
            case visibilitySeconds = "VisibilityTimeout"
        }
    }

    /// Deletes a received message.
    package func deleteMessage(queue: String, receipt: String) async throws(AWSError) {
        let input = Handle(queue: queue, receipt: receipt)
        _ = try await service.json("DeleteMessage", input, Nothing.self)
    }

    /// Changes how long a received message stays hidden.
    ///
    /// - Parameter seconds: 0 to 43,200 from now on. With 0 the message is visible at once.
    package func changeMessageVisibility(
        queue: String, receipt: String, seconds: Int
    ) async throws(AWSError) {
        let input = Handle(queue: queue, receipt: receipt, visibilitySeconds: seconds)
        _ = try await service.json("ChangeMessageVisibility", input, Nothing.self)
    }
}
