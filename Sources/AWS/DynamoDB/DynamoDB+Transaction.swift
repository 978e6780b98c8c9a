internal import Digest

extension DynamoDB {
    private struct Transaction: Encodable {
        let writes: [Write]
        let token: String

        private enum CodingKeys: String, CodingKey {
            case writes = "TransactItems"
            case token = "ClientRequestToken"
        }

        private enum Kind: String, CodingKey {
            case put = "Put"
            case update = "Update"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(token, forKey: .token)
            var list = container.nestedUnkeyedContainer(forKey: .writes)
            for write in writes {
                var one = list.nestedContainer(keyedBy: Kind.self)
                switch write {
                case .put(let put): try one.encode(WriteRequest(put), forKey: .put)
                case .update(let update): try one.encode(WriteRequest(update), forKey: .update)
                }
            }
        }
    }

    /// Does all writes or none. A token keeps a transaction that is sent twice from happening
    /// twice.
    ///
    /// - Precondition: 1 to 100 writes of different items.
    package func transactWrite(_ writes: [Write]) async throws(DynamoDBError) {
        precondition(
            (1...Self.transactionWritesMax).contains(writes.count),
            "A transaction holds 1 to \(Self.transactionWritesMax) writes, not \(writes.count).")
        let token = (0..<16).map { _ in UInt8(service.timing.chance() * 256) }
        let input = Transaction(writes: writes, token: hex(token))
        do throws(AWSError) {
            _ = try await service.json("TransactWriteItems", input, Nothing.self)
        } catch {
            throw DynamoDBError(error)
        }
    }
}
