/// DynamoDB: items read and written, with conditions. Source: API version 2012-08-10.
package struct DynamoDB: Sendable {
    /// Writes of one transaction.
    package static let transactionWritesMax = 100

    let service: ServiceClient

    package init(_ client: AWSClient) {
        var client = client
        // Items are near and small: a quarter of the usual pause, and more patience.
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

    /// `nil` when there is no such item.
    ///
    /// - Parameter isConsistent: Sees every write that was answered before.
    package func getItem(
        table: String, key: Item, isConsistent: Bool = true
    ) async throws(AWSError) -> Item? {
        let input = GetItem(table: table, key: key, isConsistent: isConsistent)
        return try await service.json("GetItem", input, GotItem.self).item
    }

    // MARK: - Write

    package func putItem(_ put: Put) async throws(DynamoDBError) {
        do throws(AWSError) {
            _ = try await service.json("PutItem", WriteRequest(put), Nothing.self)
        } catch {
            throw DynamoDBError(error)
        }
    }

    /// An update that adds may be done twice when its answer is lost and it is sent again: guard it
    /// by a condition, or use a transaction, which has a token against that.
    package func updateItem(_ update: Update) async throws(DynamoDBError) {
        do throws(AWSError) {
            _ = try await service.json("UpdateItem", WriteRequest(update), Nothing.self)
        } catch {
            throw DynamoDBError(error)
        }
    }
}
