/// The JSON fields that DynamoDB's writes share. Empty fields are left out, because DynamoDB
/// refuses them.
struct WriteRequest: Encodable {
    let table: String
    var item: DynamoDB.Item?
    var key: DynamoDB.Item?
    var update: String?
    let condition: String?
    let names: [String: String]
    let values: DynamoDB.Item

    private enum CodingKeys: String, CodingKey {
        case table = "TableName"
        case item = "Item"
        case key = "Key"
        case update = "UpdateExpression"
        case condition = "ConditionExpression"
        case names = "ExpressionAttributeNames"
        case values = "ExpressionAttributeValues"
        case onFailure = "ReturnValuesOnConditionCheckFailure"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(table, forKey: .table)
        try container.encodeIfPresent(item, forKey: .item)
        try container.encodeIfPresent(key, forKey: .key)
        try container.encodeIfPresent(update, forKey: .update)
        if let condition {
            try container.encode(condition, forKey: .condition)
            // This costs nothing and saves a read after a failed condition.
            try container.encode("ALL_OLD", forKey: .onFailure)
        }
        if !names.isEmpty { try container.encode(names, forKey: .names) }
        if !values.isEmpty { try container.encode(values, forKey: .values) }
    }
}

extension WriteRequest {
    init(_ put: DynamoDB.Put) {
        self.init(
            table: put.table, item: put.item, condition: put.condition, names: put.names,
            values: put.values)
    }

    init(_ update: DynamoDB.Update) {
        self.init(
            table: update.table, key: update.key, update: update.update,
            condition: update.condition, names: update.names, values: update.values)
    }
}
