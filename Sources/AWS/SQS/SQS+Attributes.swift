extension SQS {
    /// How many messages a queue holds. SQS's counts are approximate and late.
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

    /// Reads a queue's attributes. Names that SQS does not know are left out.
    package func getQueueAttributes(
        queue: String, _ names: [String] = ["All"]
    ) async throws(AWSError) -> [String: String] {
        let input = AttributesInput(queue: queue, names: names)
        return try await service.json("GetQueueAttributes", input, AttributesOutput.self)
            .attributes ?? [:]
    }

    /// Counts a queue's messages.
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
