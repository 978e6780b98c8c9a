extension SQS {
    /// A message to send.
    package struct Entry: Hashable, Sendable {
        package var body: String
        package var delaySeconds: Int?

        package init(body: String, delaySeconds: Int? = nil) {
            self.body = body
            self.delaySeconds = delaySeconds
        }
    }

    /// A message of a batch that SQS did not accept.
    package struct Failure: Hashable, Sendable {
        /// The message's place in the batch.
        package let index: Int
        package let code: String
        package let message: String
        /// Whether the message itself is wrong, so that another attempt would fail too.
        package let isSenderFault: Bool

        package init(index: Int, code: String, message: String, isSenderFault: Bool) {
            self.index = index
            self.code = code
            self.message = message
            self.isSenderFault = isSenderFault
        }
    }

    private struct BatchInput: Encodable {
        struct One: Encodable {
            let id: String
            let body: String
            let delaySeconds: Int?

            private enum CodingKeys: String, CodingKey {
                case id = "Id"
                case body = "MessageBody"
                case delaySeconds = "DelaySeconds"
            }
        }

        let queue: String
        let entries: [One]

        private enum CodingKeys: String, CodingKey {
            case queue = "QueueUrl"
            case entries = "Entries"
        }
    }

    private struct BatchOutput: Decodable {
        struct Failed: Decodable {
            let id: String
            let code: String
            let message: String?
            let isSenderFault: Bool

            private enum CodingKeys: String, CodingKey {
                case id = "Id"
                case code = "Code"
                case message = "Message"
                case isSenderFault = "SenderFault"
            }
        }

        let failed: [Failed]?

        private enum CodingKeys: String, CodingKey {
            case failed = "Failed"
        }
    }

    /// Sends messages and returns those that SQS did not accept.
    ///
    /// - Precondition: 1 to 10 messages. If they exceed 1 MiB in total, SQS refuses them all.
    package func sendMessageBatch(
        queue: String, _ entries: [Entry]
    ) async throws(AWSError) -> [Failure] {
        precondition(
            (1...Self.batchMax).contains(entries.count),
            "A batch holds 1 to \(Self.batchMax) messages, not \(entries.count).")
        let input = BatchInput(
            queue: queue,
            entries: entries.enumerated().map {
                .init(
                    id: String($0.offset), body: $0.element.body,
                    delaySeconds: $0.element.delaySeconds)
            })
        let output = try await service.json("SendMessageBatch", input, BatchOutput.self)
        var failures: [Failure] = []
        for failed in output.failed ?? [] {
            guard let index = Int(failed.id), entries.indices.contains(index) else {
                throw service.missing(
                    "known ID in the failed entry \(failed.id)", in: "SendMessageBatch")
            }
            failures.append(
                Failure(
                    index: index, code: failed.code, message: failed.message ?? "",
                    isSenderFault: failed.isSenderFault))
        }
        return failures
    }
}
