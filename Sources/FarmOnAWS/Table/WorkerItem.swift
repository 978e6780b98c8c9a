internal import AWS
internal import Farm

/// A worker as an item; `open` is there until it is gone.
enum WorkerItem {
    static func item(_ worker: WorkerRecord) -> DynamoDB.Item {
        var item = Key.worker(worker.id)
        item["type"] = .s(worker.pool.instanceType)
        item["zone"] = .s(worker.pool.zone)
        item["lifecycle"] = .s(worker.lifecycle.rawValue)
        item[Attribute.state] = .s(worker.state.rawValue)
        item["seen"] = worker.seen.attribute
        item["price"] = worker.pricePerHour.map { .number($0) }
        item["frames"] = .number(worker.framesDone)
        item["cooling"] = worker.coolingUntil?.attribute
        item[Attribute.open] = worker.state == .gone ? nil : .s(openMark)
        return item
    }

    static func worker(_ item: DynamoDB.Item) throws(PortError) -> WorkerRecord {
        let reader = ItemReader(item)
        return WorkerRecord(
            id: WorkerID(try reader.key(Attribute.partition, after: Key.workerPrefix)),
            pool: Pool(
                instanceType: try reader.string("type"), zone: try reader.string("zone")),
            lifecycle: try reader.value("lifecycle"), state: try reader.value(Attribute.state),
            seen: try reader.timestamp("seen"),
            pricePerHour: try reader.optionalDouble("price"),
            framesDone: try reader.int("frames"),
            coolingUntil: try reader.optionalTimestamp("cooling"))
    }

    /// The value of `open` for workers.
    static let openMark = "worker"
}
