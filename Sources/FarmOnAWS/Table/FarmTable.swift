package import AWS
package import Farm

/// The farm's DynamoDB table, and the code that its stores share.
///
///     item      pk                sk                       sparse indexes
///     job       job#<job>         job                      open = "job", "unnotified", "settled"
///     task      job#<job>         task#000012              holder = instance id while leased
///     attempt   job#<job>         attempt#000012#000003
///     worker    worker#<id>       worker                   open = "worker" while not gone
///     fleet     fleet             fleet
///     refusal   pool#spot#<az>    pool                     open = "pool" while it is kept
///     notice    worker#<id>       notice#<ms>#<path>
///     reclaim   reclaims          <ms>#<id>
///
/// Attempts, workers and notices have a `ttl`. Statistics and bills are computed from them. They
/// are only added, and kept for the time in the settings. Jobs and tasks stay.
///
/// Index `open` has the keys (open, pk), index `holder` has (holder, sk). Numbers are padded with
/// zeros, so that they sort in numerical order.
package struct FarmTable: Sendable {
    let dynamoDB: DynamoDB
    let name: String
    let time: any TimeSource
    /// How long DynamoDB keeps attempts, workers and notices.
    let retention: Duration
    let unreadable: UnreadableItems
    let random: @Sendable () -> UInt64

    /// More than a year, so that bills can be compared with those of the year before.
    package static let usualRetentionDays = 400

    package init(
        _ dynamoDB: DynamoDB, name: String, time: any TimeSource,
        retention: Duration = .days(usualRetentionDays),
        unreadable: UnreadableItems = UnreadableItems(),
        random: @escaping @Sendable () -> UInt64 = { .random(in: 0 ... .max) }
    ) {
        self.dynamoDB = dynamoDB
        self.name = name
        self.time = time
        self.retention = retention
        self.unreadable = unreadable
        self.random = random
    }

    /// The item with a `ttl` that ends `retention` after `moment`.
    func expiring(_ item: DynamoDB.Item, from moment: Timestamp) -> DynamoDB.Item {
        var item = item
        item[Attribute.ttl] = .number((moment + retention).milliseconds / 1000)
        return item
    }

    // MARK: Reads

    /// Reads the item of a key, including every earlier write.
    func read(
        _ key: DynamoDB.Item, _ operation: String
    ) async throws(PortError) -> DynamoDB.Item? {
        do throws(AWSError) {
            return try await dynamoDB.getItem(table: name, key: key)
        } catch {
            throw PortError(error, operation)
        }
    }

    func query(
        _ query: DynamoDB.Query, itemsMax: Int, _ operation: String
    ) async throws(PortError) -> (items: [DynamoDB.Item], isComplete: Bool) {
        do throws(AWSError) {
            return try await dynamoDB.queryAll(query, itemsMax: itemsMax)
        } catch {
            throw PortError(error, operation)
        }
    }

    /// Reads all items of a query. Throws when there are more than `countMax`.
    func queryWhole(
        _ query: DynamoDB.Query, _ operation: String
    ) async throws(PortError) -> [DynamoDB.Item] {
        let countMax = AdapterLimits.itemsMax
        let (items, isComplete) = try await self.query(query, itemsMax: countMax, operation)
        guard isComplete else {
            throw PortError(
                .unavailable, operation,
                "there are more than \(countMax); wait for jobs to finish or cancel some"
            )
        }
        return items
    }

    /// Decodes the items of a list. An item that cannot be read is left out and counted.
    func readable<Value>(
        _ items: some Sequence<DynamoDB.Item>,
        _ decode: (DynamoDB.Item) throws(PortError) -> Value
    ) throws(PortError) -> [Value] {
        var values: [Value] = []
        for item in items {
            do throws(PortError) {
                values.append(try decode(item))
            } catch {
                guard error.kind == .malformed else { throw error }
                unreadable.add(ItemReader.name(of: item), error)
            }
        }
        return values
    }

    // MARK: Writes

    /// Stores an item if its condition holds. Returns `false` when it does not.
    func put(_ put: DynamoDB.Put, _ operation: String) async throws(PortError) -> Bool {
        var put = put
        let mark = AttributeValue.s(String(random(), radix: 16))
        put.item[Attribute.write] = mark
        let marked = put
        return try await isDone(mark, operation) { () async throws(DynamoDBError) in
            try await dynamoDB.putItem(marked)
        }
    }

    /// Updates an item if its condition holds. Returns `false` when it does not.
    func update(_ update: DynamoDB.Update, _ operation: String) async throws(PortError) -> Bool {
        var update = update
        let mark = AttributeValue.s(String(random(), radix: 16))
        update.update = update.update.replacing(
            "SET ", with: "SET #\(Attribute.write) = :write, ", maxReplacements: 1)
        update.names["#\(Attribute.write)"] = Attribute.write
        update.values[":write"] = mark
        let marked = update
        return try await isDone(mark, operation) { () async throws(DynamoDBError) in
            try await dynamoDB.updateItem(marked)
        }
    }

    /// Whether a failed condition is due to this write's own first attempt. When an answer is lost,
    /// the write is sent again and finds the mark that it has left.
    private func isDone(
        _ mark: AttributeValue, _ operation: String,
        _ write: () async throws(DynamoDBError) -> Void
    ) async throws(PortError) -> Bool {
        do throws(DynamoDBError) {
            try await despiteConflicts(write)
            return true
        } catch {
            guard case .conditionFailed(let item) = error else {
                throw PortError(error, operation)
            }
            return item?[Attribute.write] == mark
        }
    }

    /// Retries after random pauses while another transaction uses the item.
    func despiteConflicts(
        _ write: () async throws(DynamoDBError) -> Void
    ) async throws(DynamoDBError) {
        for attempt in 1... {
            do throws(DynamoDBError) {
                return try await write()
            } catch {
                guard error.isConflict, attempt < AdapterLimits.conflictsMax else { throw error }
                let bound = min(20 << attempt, 1_000)
                let pause = Duration.milliseconds(random() % UInt64(bound))
                do throws(CancellationError) {
                    try await time.sleep(for: pause)
                } catch {
                    throw DynamoDBError.transactionCanceled([.conflict])
                }
            }
        }
    }
}

extension Duration {
    package static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }
}

extension DynamoDBError {
    /// Whether another transaction was the only obstacle: no condition failed.
    var isConflict: Bool {
        switch self {
        case .conditionFailed: false
        case .transactionCanceled(let reasons):
            isRetryable && reasons.contains { $0 != .none }
        case .call(let error): error.code == "TransactionConflictException"
        }
    }
}
