internal import AWS
internal import Farm

/// A worker as an item. It has `open` until the worker is gone.
enum WorkerItem {
    static func item(_ worker: WorkerRecord) -> DynamoDB.Item {
        var item = Key.worker(worker.id)
        item["type"] = .s(worker.pool.instanceType)
        item["zone"] = .s(worker.pool.zone)
        item["lifecycle"] = .s(worker.lifecycle.rawValue)
        item[Attribute.state] = .s(worker.state.name)
        item["drainCause"] = worker.state.drainCause.map { .s($0.rawValue) }
        item["since"] = worker.since.attribute
        item["booted"] = worker.booted.attribute
        item[Attribute.revision] = .number(worker.revision)
        item["seen"] = worker.seen.attribute
        item["launched"] = worker.launched.attribute
        item["prices"] = .list(
            worker.prices.map {
                .map([
                    "time": $0.time.attribute, "nanodollars": .number($0.price.nanodollars),
                ])
            })
        item["disk"] = worker.diskGiB.map { .number($0) }
        item["graphics"] = worker.graphics.map { .s($0) }
        item["jobs"] = .list(worker.jobs.map { .s($0.rawValue) })
        item["frames"] = .number(worker.framesDone)
        item["progress"] = worker.progress.map { .map(progress($0)) }
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
            lifecycle: try reader.value("lifecycle"), state: try state(reader),
            seen: try reader.timestamp("seen"), since: try reader.timestamp("since"),
            launched: try reader.timestamp("launched"), booted: try reader.timestamp("booted"),
            prices: try reader.maps("prices").map { step throws(PortError) in
                PriceStep(
                    time: try step.timestamp("time"),
                    price: Money(nanodollars: try step.int64("nanodollars")))
            },
            diskGiB: try reader.optionalInt("disk"),
            graphics: try reader.optionalString("graphics"),
            jobs: try reader.strings("jobs").map { JobID($0) },
            framesDone: try reader.int("frames"),
            progress: try progress(reader.optionalMap("progress")),
            coolingUntil: try reader.optionalTimestamp("cooling"),
            revision: try reader.int(Attribute.revision))
    }

    private static func state(_ reader: ItemReader) throws(PortError) -> WorkerRecord.State {
        var cause: WorkerRecord.DrainCause?
        if try reader.optionalString("drainCause") != nil { cause = try reader.value("drainCause") }
        guard
            let state = WorkerRecord.State(name: try reader.string(Attribute.state), cause: cause)
        else { throw reader.malformed(Attribute.state) }
        return state
    }

    private static func progress(
        _ reader: ItemReader?
    ) throws(PortError) -> WorkerRecord.Progress? {
        guard let reader else { return nil }
        return WorkerRecord.Progress(
            task: TaskID(job: JobID(try reader.string("job")), number: try reader.int("task")),
            start: try reader.timestamp("start"), framesStored: try reader.int("frames"),
            frame: try frame(reader))
    }

    private static func progress(_ progress: WorkerRecord.Progress) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "job": .s(progress.task.job.rawValue), "task": .number(progress.task.number),
            "start": progress.start.attribute, "frames": .number(progress.framesStored),
        ]
        item["frame"] = progress.frame.map { .number($0.frame) }
        item["samples"] = progress.frame?.samples.map { .number($0) }
        item["samplesMax"] = progress.frame?.samplesMax.map { .number($0) }
        return item
    }

    private static func frame(_ reader: ItemReader) throws(PortError) -> FrameProgress? {
        guard let frame = try reader.optionalInt("frame") else { return nil }
        return FrameProgress(
            frame: frame, samples: try reader.optionalInt("samples"),
            samplesMax: try reader.optionalInt("samplesMax"))
    }

    /// The value of `open` for workers.
    static let openMark = "worker"
}
