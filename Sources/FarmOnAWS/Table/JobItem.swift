internal import AWS
internal import Farm

/// A job as an item. Counts stand at the top, where `ADD` reaches them.
enum JobItem {
    static func item(_ job: Job) -> DynamoDB.Item {
        var item = Key.job(job.id)
        item["source"] = .map(source(job.source))
        item["settings"] = job.settings.map { .map(settings($0)) }
        item["chunk"] = .number(job.chunk)
        item["tasks"] = .number(job.taskCount)
        item["created"] = job.created.attribute
        item[Attribute.state] = .s(stateName(job.state))
        item[Attribute.reason] = reason(job.state).map { .s($0) }
        item[Attribute.settled] = job.settled?.attribute
        item[Attribute.open] = job.state.isSettled ? nil : .s(openMark)
        for (name, count) in counts(job.tally) { item[name] = .number(count) }
        return item
    }

    static func job(_ item: DynamoDB.Item) throws(PortError) -> Job {
        let reader = ItemReader(item)
        return Job(
            id: JobID(try reader.key(Attribute.partition, after: Key.jobPrefix)),
            source: try source(reader.map("source")),
            settings: try settings(reader.optionalMap("settings")),
            chunk: try reader.int("chunk"), taskCount: try reader.int("tasks"),
            created: try reader.timestamp("created"), state: try state(reader),
            settled: try reader.optionalTimestamp(Attribute.settled), tally: try tally(reader))
    }

    /// The value of `open` for jobs.
    static let openMark = "job"

    // MARK: State

    static func stateName(_ state: Job.State) -> String {
        switch state {
        case .splitting: "splitting"
        case .queued: "queued"
        case .rendering: "rendering"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .canceled: "canceled"
        }
    }

    static func reason(_ state: Job.State) -> String? {
        if case .failed(let reason) = state {
            // Names of scenes and files are in it, and how many there are is the uploader's choice.
            String(reason.prefix(Limits.reasonLengthMax))
        } else {
            nil
        }
    }

    private static func state(_ reader: ItemReader) throws(PortError) -> Job.State {
        switch try reader.string(Attribute.state) {
        case "splitting": .splitting
        case "queued": .queued
        case "rendering": .rendering
        case "succeeded": .succeeded
        case "failed": .failed(reason: try reader.string(Attribute.reason))
        case "canceled": .canceled
        default: throw reader.malformed(Attribute.state)
        }
    }

    // MARK: Tally

    static func counts(_ tally: JobTally) -> [(name: String, count: Int64)] {
        [
            ("succeeded", Int64(tally.succeeded)), ("failed", Int64(tally.failed)),
            ("canceled", Int64(tally.canceled)), ("frames", Int64(tally.frames)),
            ("measuredFrames", Int64(tally.measuredFrames)),
            ("renderMilliseconds", tally.renderMilliseconds),
            ("failures", Int64(tally.failures)), ("interruptions", Int64(tally.interruptions)),
        ]
    }

    private static func tally(_ reader: ItemReader) throws(PortError) -> JobTally {
        JobTally(
            succeeded: try reader.int("succeeded"), failed: try reader.int("failed"),
            canceled: try reader.int("canceled"), frames: try reader.int("frames"),
            measuredFrames: try reader.int("measuredFrames"),
            renderMilliseconds: try reader.int64("renderMilliseconds"),
            failures: try reader.int("failures"),
            interruptions: try reader.int("interruptions"))
    }

    // MARK: Source and settings

    private static func source(_ source: SceneObject) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "bucket": .s(source.bucket), "key": .s(source.key), "tag": .s(source.entityTag),
            "bytes": .number(source.byteCount),
        ]
        item["version"] = source.version.map { .s($0) }
        return item
    }

    private static func source(_ reader: ItemReader) throws(PortError) -> SceneObject {
        SceneObject(
            bucket: try reader.string("bucket"), key: try reader.string("key"),
            version: try reader.optionalString("version"), entityTag: try reader.string("tag"),
            byteCount: try reader.int64("bytes"))
    }

    private static func settings(_ settings: RenderSettings) -> DynamoDB.Item {
        var item = settings.frames.item
        item["scene"] = .s(settings.scene)
        item["engine"] = .s(settings.engine.rawValue)
        item["width"] = .number(settings.resolution.width)
        item["height"] = .number(settings.resolution.height)
        item["percentage"] = .number(settings.resolution.percentage)
        item["format"] = .s(settings.format.rawValue)
        item["samples"] = settings.samples.map { .number($0) }
        item["camera"] = settings.camera.map { .s($0) }
        return item
    }

    private static func settings(_ reader: ItemReader?) throws(PortError) -> RenderSettings? {
        guard let reader else { return nil }
        return RenderSettings(
            scene: try reader.string("scene"), frames: try reader.frames(),
            engine: Engine(try reader.string("engine")),
            resolution: Resolution(
                width: try reader.int("width"), height: try reader.int("height"),
                percentage: try reader.int("percentage")),
            format: try reader.value("format"), samples: try reader.optionalInt("samples"),
            camera: try reader.optionalString("camera"))
    }
}
