extension DynamoDB {
    /// A query for the items of one partition key, in the order of their sort keys.
    package struct Query: Hashable, Sendable, Encodable {
        package var table: String
        /// `nil` for the table itself.
        package var index: String?
        /// `pk = :pk AND begins_with(sk, :prefix)`.
        package var keyCondition: String
        /// Applied after the read: AWS also charges for items that it drops.
        package var filter: String?
        /// `nil` for all attributes.
        package var projection: String?
        package var names: [String: String]
        package var values: Item
        package var isForward: Bool
        /// Whether the query sees every earlier write. A global index can't do that.
        package var isConsistent: Bool
        /// How many items one call reads, before the filter. `nil` for up to 1 MB.
        package var limit: Int?
        /// The last key of the page before, or `nil` for the first page.
        package var start: Item?

        package init(
            table: String, index: String? = nil, keyCondition: String, filter: String? = nil,
            projection: String? = nil, names: [String: String] = [:], values: Item,
            isForward: Bool = true, isConsistent: Bool = false, limit: Int? = nil,
            start: Item? = nil
        ) {
            self.table = table
            self.index = index
            self.keyCondition = keyCondition
            self.filter = filter
            self.projection = projection
            self.names = names
            self.values = values
            self.isForward = isForward
            self.isConsistent = isConsistent
            self.limit = limit
            self.start = start
        }

        private enum CodingKeys: String, CodingKey {
            case table = "TableName"
            case index = "IndexName"
            case keyCondition = "KeyConditionExpression"
            case filter = "FilterExpression"
            case projection = "ProjectionExpression"
            case names = "ExpressionAttributeNames"
            case values = "ExpressionAttributeValues"
            case isForward = "ScanIndexForward"
            case isConsistent = "ConsistentRead"
            case limit = "Limit"
            case start = "ExclusiveStartKey"
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(table, forKey: .table)
            try container.encodeIfPresent(index, forKey: .index)
            try container.encode(keyCondition, forKey: .keyCondition)
            try container.encodeIfPresent(filter, forKey: .filter)
            try container.encodeIfPresent(projection, forKey: .projection)
            if !names.isEmpty { try container.encode(names, forKey: .names) }
            try container.encode(values, forKey: .values)
            if !isForward { try container.encode(false, forKey: .isForward) }
            if isConsistent { try container.encode(true, forKey: .isConsistent) }
            try container.encodeIfPresent(limit, forKey: .limit)
            try container.encodeIfPresent(start, forKey: .start)
        }
    }

    /// The items of one call.
    package struct Page: Hashable, Sendable, Decodable {
        package let items: [Item]
        /// The value of `start` for the next page, or `nil` at the end.
        package let next: Item?

        private enum CodingKeys: String, CodingKey {
            case items = "Items"
            case next = "LastEvaluatedKey"
        }

        package init(items: [Item], next: Item?) {
            self.items = items
            self.next = next
        }
    }

    /// Reads one page of up to 1 MB.
    package func query(_ query: Query) async throws(AWSError) -> Page {
        try await service.json("Query", query, Page.self)
    }

    /// Reads pages until the end, or until there are `itemsMax` items. `isComplete` is true at the
    /// end.
    package func queryAll(
        _ query: Query, itemsMax: Int
    ) async throws(AWSError) -> (items: [Item], isComplete: Bool) {
        var query = query
        var items: [Item] = []
        // A filter may leave pages empty, so the number of pages is bounded too.
        for _ in 0..<max(1, itemsMax) {
            let page = try await self.query(query)
            items += page.items
            guard let next = page.next else { return (items, true) }
            guard items.count < itemsMax else { break }
            query.start = next
        }
        return (items, false)
    }
}
