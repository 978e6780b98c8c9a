/// DynamoDB: reads and writes items, with conditions. Source: API version 2012-08-10.
package struct DynamoDB: Sendable {
    /// DynamoDB's bound on the writes of one transaction.
    package static let transactionWritesMax = 100

    let service: ServiceClient

    package init(_ client: AWSClient) {
        var client = client
        // Requests are small and fast: shorter pauses than usual, and more attempts.
        client.retries.pauseBase = .milliseconds(50)
        client.retries.attemptsMax = max(client.retries.attemptsMax, 4)
        service = ServiceClient(client, .dynamoDB)
    }

    // MARK: - Read

    private struct GetItem: Encodable {
        let table: String
        let key: Item
        let isConsistent: Bool

        private enum CodingKeys: String, CodingKey {
            case table = "TableName"
            case key = "Key"
            case isConsistent = "ConsistentRead"
        }
    }

    private struct GotItem: Decodable {
        let item: Item?

        private enum CodingKeys: String, CodingKey {
            case item = "Item"
        }
    }

    /// Reads an item, or `nil` when there is none.
    ///
    /// - Parameter isConsistent: whether the read sees every earlier write.
    package func getItem(
        table: String, key: Item, isConsistent: Bool = true
    ) async throws(AWSError) -> Item? {
        let input = GetItem(table: table, key: key, isConsistent: isConsistent)
        return try await service.json("GetItem", input, GotItem.self).item
    }

    // MARK: - Write

    /// Stores a whole item.
    ///
    /// - Throws: `conditionFailed` with the stored item when the condition does not hold.
    package func putItem(_ put: Put) async throws(DynamoDBError) {
        do throws(AWSError) {
            _ = try await service.json("PutItem", WriteRequest(put), Nothing.self)
        } catch {
            throw DynamoDBError(error)
        }
    }

    /// Updates an item. When an answer is lost, the update is sent again, so an `ADD` may happen
    /// twice. Guard it with a condition, or use a transaction, which has a token.
    package func updateItem(_ update: Update) async throws(DynamoDBError) {
        do throws(AWSError) {
            _ = try await service.json("UpdateItem", WriteRequest(update), Nothing.self)
        } catch {
            throw DynamoDBError(error)
        }
    }
}
