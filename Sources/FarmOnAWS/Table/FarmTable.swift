package import AWS
package import Farm

/// The one DynamoDB table, and what its stores share.
///
///     item      pk                sk                       sparse indexes
///     job       job#<job>         job                      open = "job", "untold", "settled"
///     task      job#<job>         task#000012              holder = instance id while leased
///     attempt   job#<job>         attempt#000012#000003
///     worker    worker#<id>       worker                   open = "worker" while not gone
///     fleet     fleet             fleet
///     refusal   pool#spot#<az>    pool                     open = "pool" while it is kept
///     notice    worker#<id>       notice#<ms>#<path>
///     reclaim   reclaims          <ms>#<id>
///
/// Attempts, workers and notices have a `ttl`: they are what statistics and bills are computed from,
/// only ever added to, and kept for as long as the setting says. Jobs and tasks stay.
///
/// Index `open` has the keys (open, pk), index `holder` (holder, sk). Numbers are padded, so that
/// they sort as numbers do.
package struct FarmTable: Sendable {
    let dynamoDB: DynamoDB
    let name: String
    let time: any TimeSource
    /// How long attempts, workers and notices are kept.
    let retention: Duration
    let random: @Sendable () -> UInt64

    /// A year's bills can be compared with the year before as long as it lasts.
    package static let usualRetentionDays = 400

    package init(
        _ dynamoDB: DynamoDB, name: String, time: any TimeSource,
        retention: Duration = .days(usualRetentionDays),
        random: @escaping @Sendable () -> UInt64 = { .random(in: 0 ... .max) }
    ) {
        self.dynamoDB = dynamoDB
        self.name = name
        self.time = time
        self.retention = retention
        self.random = random
    }

    /// The item with its end: `retention` after `moment`.
    func expiring(_ item: DynamoDB.Item, from moment: Timestamp) -> DynamoDB.Item {
        var item = item
        item[Attribute.ttl] = .number((moment + retention).milliseconds / 1000)
        return item
    }

    // MARK: Reads

    /// What was last written under a key.
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

    /// All items of a query, or an error rather than a part of them.
    func queryWhole(
        _ query: DynamoDB.Query, _ operation: String
    ) async throws(PortError) -> [DynamoDB.Item] {
        let countMax = Limits.itemsMax
        let (items, isComplete) = try await self.query(query, itemsMax: countMax, operation)
        guard isComplete else {
            throw PortError(
                .unavailable, operation, "there are more than \(countMax) of them; settle some jobs"
            )
        }
        return items
    }

    // MARK: Writes

    /// Puts an item if its condition holds; `false` when it does not.
    func put(_ put: DynamoDB.Put, _ operation: String) async throws(PortError) -> Bool {
        var put = put
        let mark = AttributeValue.s(String(random(), radix: 16))
        put.item[Attribute.write] = mark
        let marked = put
        return try await isDone(mark, operation) { () async throws(DynamoDBError) in
            try await dynamoDB.putItem(marked)
        }
    }

    /// Updates an item if its condition holds; `false` when it does not.
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

    /// A write whose answer was lost is sent again, and then fails at its own first success: the
    /// mark it left tells so.
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

    /// Tries again, after a pause of random length, while another transaction has the item.
    func despiteConflicts(
        _ write: () async throws(DynamoDBError) -> Void
    ) async throws(DynamoDBError) {
        for attempt in 1... {
            do throws(DynamoDBError) {
                return try await write()
            } catch {
                guard error.isConflict, attempt < Limits.conflictsMax else { throw error }
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

/// Bounds of the adapters, each with its reason.
enum Limits {
    /// More items than one list should ever have: a hundred thousand tasks with some attempts each.
    static let itemsMax = 500_000
    /// A page of tasks stays below the 1 MB that DynamoDB reads at a time.
    static let pageMax = 1_000
    /// About six seconds of pauses: a job's item is contended when many tasks end at once.
    static let conflictsMax = 12
    /// Items that are gone by and by, as writers race, in one `create`.
    static let creationRoundsMax = 8
    /// SQS takes a batch in part when it is overloaded; the client has tried by then, too.
    static let sendRoundsMax = 5
    /// Characters of a failure's end, with Blender's last lines. Keeps items far below DynamoDB's
    /// 400 KB and dead letters below SQS's 256 KiB: a task too large to be written would fail for
    /// ever.
    static let reasonLengthMax = 8_000
}

extension DynamoDBError {
    /// Another transaction was in the way, and no condition failed.
    var isConflict: Bool {
        switch self {
        case .conditionFailed: false
        case .transactionCanceled(let reasons):
            isRetryable && reasons.contains { $0 != .none }
        case .call(let error): error.code == "TransactionConflictException"
        }
    }
}
