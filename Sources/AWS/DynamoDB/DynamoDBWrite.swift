extension DynamoDB {
    package typealias Item = [String: AttributeValue]

    /// Stores a whole item and replaces an existing one.
    package struct Put: Hashable, Sendable {
        package var table: String
        package var item: Item
        /// `nil` for a write without a condition.
        package var condition: String?
        package var names: [String: String]
        package var values: Item

        package init(
            table: String, item: Item, condition: String? = nil, names: [String: String] = [:],
            values: Item = [:]
        ) {
            self.table = table
            self.item = item
            self.condition = condition
            self.names = names
            self.values = values
        }
    }

    /// Changes attributes of an item. Creates the item if there is none.
    package struct Update: Hashable, Sendable {
        package var table: String
        package var key: Item
        /// `SET a = :a ADD b :one REMOVE c`.
        package var update: String
        package var condition: String?
        package var names: [String: String]
        package var values: Item

        package init(
            table: String, key: Item, update: String, condition: String? = nil,
            names: [String: String] = [:], values: Item = [:]
        ) {
            self.table = table
            self.key = key
            self.update = update
            self.condition = condition
            self.names = names
            self.values = values
        }
    }

    /// One write of a transaction.
    package enum Write: Hashable, Sendable {
        case put(Put)
        case update(Update)
    }
}
