internal import AWS
internal import Farm

/// A notice as an item. The program that answers the notice writes it once.
enum NoticeItem {
    static func item(_ notice: NoticeRecord) -> DynamoDB.Item {
        var item = Key.notice(notice)
        item["path"] = .s(notice.path.rawValue)
        switch notice.announced {
        case .end(let cause): item["cause"] = .s(cause.rawValue)
        case .rebalance: item["cause"] = .s(rebalance)
        }
        item["time"] = notice.time.attribute
        item["deadline"] = notice.deadline?.attribute
        item["frames"] = .number(notice.framesFinished)
        item["lostMilliseconds"] = notice.lost.map { .number($0.milliseconds) }
        item["responses"] = .list(notice.responses.map { .map(response($0)) })
        return item
    }

    static func notice(_ item: DynamoDB.Item) throws(PortError) -> NoticeRecord {
        let reader = ItemReader(item)
        let announced: NoticeRecord.Announced =
            try reader.string("cause") == rebalance ? .rebalance : .end(try reader.value("cause"))
        return NoticeRecord(
            worker: WorkerID(try reader.key(Attribute.partition, after: Key.workerPrefix)),
            announced, by: try reader.value("path"), at: try reader.timestamp("time"),
            deadline: try reader.optionalTimestamp("deadline"),
            responses: try reader.maps("responses").map { entry throws(PortError) in
                try response(entry)
            },
            framesFinished: try reader.int("frames"),
            lost: try reader.optionalInt("lostMilliseconds").map { .milliseconds($0) })
    }

    private static let rebalance = "rebalance"

    private static func response(_ response: NoticeRecord.Response) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "job": .s(response.task.job.rawValue), "task": .number(response.task.number),
            "action": .s(response.action.rawValue),
        ]
        item["visible"] = response.visible?.attribute
        return item
    }

    private static func response(_ reader: ItemReader) throws(PortError) -> NoticeRecord.Response {
        NoticeRecord.Response(
            TaskID(job: JobID(try reader.string("job")), number: try reader.int("task")),
            try reader.value("action"), visible: try reader.optionalTimestamp("visible"))
    }
}
