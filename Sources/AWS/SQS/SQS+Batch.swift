extension SQS {
    /// A message to send, with what it is called in the answer.
    package struct Entry: Hashable, Sendable {
        package var body: String
        package var delaySeconds: Int?

        package init(body: String, delaySeconds: Int? = nil) {
            self.body = body
            self.delaySeconds = delaySeconds
        }
    }

    /// A message of a batch that was not sent.
    package struct Failure: Hashable, Sendable {
        /// Its place in the batch.
        package let index: Int
        package let code: String
        package let message: String
        /// The message itself is at fault, so that sending it again won't help.
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

    /// The messages that were not sent; empty when all were.
    ///
    /// - Precondition: 1 to 10 messages. Together at most 1 MiB, or SQS refuses them all.
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
                throw service.missing("place for entry \(failed.id)", in: "SendMessageBatch")
            }
            failures.append(
                Failure(
                    index: index, code: failed.code, message: failed.message ?? "",
                    isSenderFault: failed.isSenderFault))
        }
        return failures
    }

    /// How many messages a queue holds, as far as SQS knows: the counts lag and may be off.
    package struct Depth: Hashable, Sendable {
        package let waiting: Int
        /// Received and not yet deleted.
        package let inFlight: Int
        package let delayed: Int

        package init(waiting: Int, inFlight: Int, delayed: Int) {
            self.waiting = waiting
            self.inFlight = inFlight
            self.delayed = delayed
        }
    }

    private struct AttributesInput: Encodable {
        let queue: String
        let names: [String]

        private enum CodingKeys: String, CodingKey {
            case queue = "QueueUrl"
            case names = "AttributeNames"
        }
    }

    private struct AttributesOutput: Decodable {
        let attributes: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case attributes = "Attributes"
        }
    }

    /// The named attributes; those that SQS doesn't have are left out.
    package func getQueueAttributes(
        queue: String, _ names: [String] = ["All"]
    ) async throws(AWSError) -> [String: String] {
        let input = AttributesInput(queue: queue, names: names)
        return try await service.json("GetQueueAttributes", input, AttributesOutput.self)
            .attributes ?? [:]
    }

    package func depth(queue: String) async throws(AWSError) -> Depth {
        let names = ["", "NotVisible", "Delayed"].map { "ApproximateNumberOfMessages\($0)" }
        let attributes = try await getQueueAttributes(queue: queue, names)
        let counts = names.map { attributes[$0].flatMap { Int($0) } }
        guard let waiting = counts[0], let inFlight = counts[1], let delayed = counts[2] else {
            throw service.missing("message counts", in: "GetQueueAttributes")
        }
        return Depth(waiting: waiting, inFlight: inFlight, delayed: delayed)
    }
}
