internal import AWS
internal import Farm

/// A task as an item. It has `holder` only while it is leased, which keeps the index small.
enum TaskItem {
    static func item(_ task: RenderTask) -> DynamoDB.Item {
        var item = Key.task(task.id).merging(task.frames.item) { $1 }
        if task.share != .all {
            item["share"] = .number(task.share.index)
            item["shares"] = .number(task.share.count)
            item["counted"] = .number(task.isFrameCounted ? 1 : 0)
        }
        if task.work != .frames { item["work"] = .s(task.work.rawValue) }
        item["priority"] = PriorityItem.attribute(task.priority)
        item["token"] = .number(task.token.rawValue)
        item[Attribute.revision] = .number(task.revision)
        item["changed"] = task.changed?.attribute
        item["failures"] = .number(task.failures.count)
        if !task.failures.isEmpty {
            item["failed"] = .list(
                task.failures.map {
                    .map(["worker": .s($0.worker.rawValue), "class": .s($0.errorClass.rawValue)])
                })
        }
        item["interruptions"] = .number(task.interruptionCount)
        switch task.state {
        case .queued: item[Attribute.state] = "queued"
        case .leased(let lease):
            item[Attribute.state] = "leased"
            item[Attribute.holder] = .s(lease.worker.rawValue)
            var fields: DynamoDB.Item = [
                "type": .s(lease.pool.instanceType), "zone": .s(lease.pool.zone),
                "start": lease.start.attribute, "until": lease.until.attribute,
            ]
            fields["priceNanodollars"] = lease.pricePerHour?.attribute
            fields["promised"] = lease.promisedUntil?.attribute
            item["lease"] = .map(fields)
        case .succeeded: item[Attribute.state] = "succeeded"
        case .failed(let failure):
            item[Attribute.state] = "failed"
            item["failure"] = .map(FailureItem.item(failure))
        case .canceled: item[Attribute.state] = "canceled"
        }
        return item
    }

    static func task(_ item: DynamoDB.Item) throws(PortError) -> RenderTask {
        let reader = ItemReader(item)
        let number = Int(try reader.key(Attribute.sort, after: Key.taskPrefix))
        guard let number else { throw reader.malformed(Attribute.sort) }
        let job = JobID(try reader.key(Attribute.partition, after: Key.jobPrefix))
        return RenderTask(
            id: TaskID(job: job, number: number), frames: try reader.frames(),
            share: try share(reader), work: try work(reader),
            priority: try PriorityItem.priority(reader),
            state: try state(reader),
            failures: try failures(reader),
            interruptionCount: try reader.int("interruptions"),
            token: FencingToken(try reader.int("token")),
            revision: try reader.int(Attribute.revision),
            isFrameCounted: try reader.optionalInt("counted") == 1,
            changed: try reader.optionalTimestamp("changed"))
    }

    /// Tasks from versions without error classes have only a number.
    private static func failures(
        _ reader: ItemReader
    ) throws(PortError) -> [RenderTask.Failure] {
        let known = try reader.optionalMaps("failed").map { (entry) throws(PortError) in
            RenderTask.Failure(
                by: WorkerID(try entry.string("worker")), try entry.value("class"))
        }
        guard known.isEmpty else { return known }
        return Array(
            repeating: RenderTask.Failure(by: WorkerID("unknown"), .blender),
            count: try reader.int("failures"))
    }

    /// Tasks from versions without assembly render frames.
    private static func work(_ reader: ItemReader) throws(PortError) -> RenderTask.Work {
        try reader.optionalString("work") == nil ? .frames : reader.value("work")
    }

    private static func share(_ reader: ItemReader) throws(PortError) -> SampleShare {
        guard let count = try reader.optionalInt("shares") else { return .all }
        let index = try reader.int("share")
        guard SliceTerms.sharesBounds.contains(count), (0..<count).contains(index) else {
            throw reader.malformed("shares")
        }
        return SampleShare(index, of: count)
    }

    private static func state(_ reader: ItemReader) throws(PortError) -> RenderTask.State {
        switch try reader.string(Attribute.state) {
        case "queued": return .queued
        case "leased":
            let lease = try reader.map("lease")
            return .leased(
                Lease(
                    worker: WorkerID(try reader.string(Attribute.holder)),
                    pool: Pool(
                        instanceType: try lease.string("type"), zone: try lease.string("zone")),
                    pricePerHour: try lease.optionalMoney("priceNanodollars"),
                    start: try lease.timestamp("start"), until: try lease.timestamp("until"),
                    promisedUntil: try lease.optionalTimestamp("promised")))
        case "succeeded": return .succeeded
        case "failed": return .failed(try FailureItem.failure(reader.map("failure")))
        case "canceled": return .canceled
        default: throw reader.malformed(Attribute.state)
        }
    }
}

/// A failure in a task's or an attempt's item.
enum FailureItem {
    static func item(_ failure: RenderFailure) -> DynamoDB.Item {
        ["kind": .s(failure.kind.rawValue), "message": .s(text(failure))]
    }

    static func text(_ failure: RenderFailure) -> String {
        String(failure.message.suffix(AdapterLimits.reasonLengthMax))
    }

    static func failure(_ reader: ItemReader) throws(PortError) -> RenderFailure {
        RenderFailure(try reader.value("kind"), try reader.string("message"))
    }
}
