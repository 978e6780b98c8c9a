internal import AWS
internal import Farm

/// Names of attributes that expressions and indexes use.
enum Attribute {
    static let partition = "pk"
    static let sort = "sk"
    static let open = "open"
    static let holder = "holder"
    static let state = "state"
    static let revision = "revision"
    static let settled = "settled"
    static let reason = "reason"
    static let note = "note"
    /// Until when a handler has claimed the job's notification.
    static let notifying = "notifying"
    /// Seconds since the epoch after which DynamoDB may delete the item (Time to Live).
    static let ttl = "ttl"
    /// A random mark of the last conditional write.
    static let write = "write"
    /// Seconds since the Unix epoch. DynamoDB deletes the item some time later.
    static let timeToLive = "ttl"
}

/// Keys of the table's items.
enum Key {
    static func job(_ id: JobID) -> DynamoDB.Item {
        [Attribute.partition: .s(partition(id)), Attribute.sort: "job"]
    }

    static func task(_ id: TaskID) -> DynamoDB.Item {
        [Attribute.partition: .s(partition(id.job)), Attribute.sort: .s(taskSort(id.number))]
    }

    static func attempt(_ task: TaskID, _ token: FencingToken) -> DynamoDB.Item {
        [
            Attribute.partition: .s(partition(task.job)),
            Attribute.sort: .s(
                "\(attemptPrefix)\(padded(task.number))#\(padded(token.rawValue))"),
        ]
    }

    static func worker(_ id: WorkerID) -> DynamoDB.Item {
        [Attribute.partition: .s(partition(id)), Attribute.sort: "worker"]
    }

    /// Milliseconds with thirteen digits, which last until the year 2286 and sort by time.
    static func notice(_ notice: NoticeRecord) -> DynamoDB.Item {
        let kind = notice.announced == .rebalance ? "rebalance-" : ""
        let sort = "\(noticePrefix)\(notice.time.milliseconds)#\(kind)\(notice.path.rawValue)"
        return [Attribute.partition: .s(partition(notice.worker)), Attribute.sort: .s(sort)]
    }

    static let fleet: DynamoDB.Item = [Attribute.partition: "fleet", Attribute.sort: "fleet"]

    static func refusal(_ refusal: CapacityShortage) -> DynamoDB.Item {
        [
            Attribute.partition: .s("pool#\(refusal.lifecycle.rawValue)#\(refusal.zone)"),
            Attribute.sort: "pool",
        ]
    }

    static func reclaim(_ reclaim: PoolReclaim) -> DynamoDB.Item {
        [
            Attribute.partition: .s(reclaims),
            Attribute.sort: .s("\(reclaimTime(reclaim.time))#\(reclaim.worker)"),
        ]
    }

    static let reclaims = "reclaims"

    /// Milliseconds with thirteen digits, as for notices.
    static func reclaimTime(_ time: Timestamp) -> String { "\(time.milliseconds)" }

    static func partition(_ id: WorkerID) -> String { "\(workerPrefix)\(id)" }

    static func partition(_ id: JobID) -> String { "\(jobPrefix)\(id)" }

    static func taskSort(_ number: Int) -> String { "\(taskPrefix)\(padded(number))" }

    /// Sorts after every task: `~` comes after the digits.
    static let taskEnd = "\(taskPrefix)~"

    static let jobPrefix = "job#"
    static let taskPrefix = "task#"
    static let attemptPrefix = "attempt#"
    static let noticePrefix = "notice#"
    static let workerPrefix = "worker#"

    /// Six digits, as many as `SplitPlan.framesMax` has.
    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}
