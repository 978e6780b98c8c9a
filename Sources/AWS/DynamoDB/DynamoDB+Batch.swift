extension DynamoDB {
    /// One write of a batch, which has no conditions.
    package enum BatchWrite: Hashable, Sendable, Codable {
        case put(Item)
        case delete(key: Item)

        private enum Kind: String, CodingKey {
            case put = "PutRequest"
            case delete = "DeleteRequest"
        }

        private enum Field: String, CodingKey {
            case item = "Item"
            case key = "Key"
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Kind.self)
            if container.contains(.put) {
                let put = try container.nestedContainer(keyedBy: Field.self, forKey: .put)
                self = .put(try put.decode(Item.self, forKey: .item))
            } else {
                let delete = try container.nestedContainer(keyedBy: Field.self, forKey: .delete)
                self = .delete(key: try delete.decode(Item.self, forKey: .key))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Kind.self)
            switch self {
            case .put(let item):
                var put = container.nestedContainer(keyedBy: Field.self, forKey: .put)
                try put.encode(item, forKey: .item)
            case .delete(let key):
                var delete = container.nestedContainer(keyedBy: Field.self, forKey: .delete)
                try delete.encode(key, forKey: .key)
            }
        }
    }

    private struct BatchInput: Encodable {
        let requests: [String: [BatchWrite]]

        private enum CodingKeys: String, CodingKey {
            case requests = "RequestItems"
        }
    }

    private struct BatchOutput: Decodable {
        let unprocessed: [String: [BatchWrite]]?

        private enum CodingKeys: String, CodingKey {
            case unprocessed = "UnprocessedItems"
        }
    }

    /// Rounds in which DynamoDB may leave something of a batch for the next.
    private static let batchRoundsMax = 8

    /// Writes any number, 25 at a time, and what DynamoDB leaves undone again after a pause.
    ///
    /// When it throws, some may be written: the caller must be able to write them all again. Two
    /// writes of one key must not be in the same batch.
    package func batchWrite(table: String, _ writes: [BatchWrite]) async throws(AWSError) {
        for start in stride(from: 0, to: writes.count, by: Self.batchWritesMax) {
            let end = min(start + Self.batchWritesMax, writes.count)
            try await writeBatch(table: table, Array(writes[start..<end]))
        }
    }

    private func writeBatch(table: String, _ writes: [BatchWrite]) async throws(AWSError) {
        let pauses = CallRetryPolicy(
            attemptsMax: Self.batchRoundsMax, pauseBase: .milliseconds(50), pauseMax: .seconds(5))
        var left = writes
        for round in 1...Self.batchRoundsMax {
            let input = BatchInput(requests: [table: left])
            let output = try await service.json("BatchWriteItem", input, BatchOutput.self)
            left = output.unprocessed?[table] ?? []
            guard !left.isEmpty else { return }
            guard
                let pause = pauses.pause(afterAttempts: round, chance: service.timing.chance())
            else { break }
            do throws(CancellationError) {
                try await service.timing.pause(pause)
            } catch {
                throw batchError("Canceled", left: left.count, isRetryable: false)
            }
        }
        throw batchError("UnprocessedItems", left: left.count, isRetryable: true)
    }

    private func batchError(_ code: String, left: Int, isRetryable: Bool) -> AWSError {
        AWSError(
            service: service.service.rawValue, operation: "BatchWriteItem", code: code,
            message: "\(left) writes are not done", isRetryable: isRetryable,
            nextStep: "Write the whole batch again later.")
    }
}
