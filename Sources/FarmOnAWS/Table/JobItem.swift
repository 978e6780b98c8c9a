internal import AWS
internal import Farm

/// A job as an item. The counts are top-level attributes, because `ADD` can't reach into maps.
enum JobItem {
    static func item(_ job: Job) -> DynamoDB.Item {
        var item = Key.job(job.id)
        item["source"] = .map(source(job.source))
        item["settings"] = job.settings.map { .map(settings($0)) }
        item["chunk"] = .number(job.chunk)
        item["tasks"] = .number(job.taskCount)
        item["created"] = job.created.attribute
        item["deadline"] = job.terms.deadline?.attribute
        item["budgetNanodollars"] = job.terms.budget?.attribute
        item["priority"] = PriorityItem.attribute(job.terms.priority)
        item.merge(slices(job.terms.slices)) { $1 }
        if job.terms.assembles { item["assembly"] = "wanted" }
        if job.terms.hasCanary { item["canary"] = "wanted" }
        item[Attribute.note] = job.note.map { .map(JobNoteItem.item($0)) }
        item[Attribute.state] = .s(job.state.name)
        item[Attribute.reason] = reason(job.state)
        item[Attribute.settled] = job.settled?.attribute
        item[Attribute.open] = .s(mark(job.state))
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
            created: try reader.timestamp("created"),
            terms: JobTerms(
                deadline: try reader.optionalTimestamp("deadline"),
                budget: try reader.optionalMoney("budgetNanodollars"),
                priority: try PriorityItem.priority(reader), slices: try slices(reader),
                assembles: try reader.optionalString("assembly") == "wanted",
                hasCanary: try reader.optionalString("canary") == "wanted"),
            state: try state(reader),
            settled: try reader.optionalTimestamp(Attribute.settled),
            note: note(reader), tally: try tally(reader))
    }

    /// The values of `open` for jobs, one for each list of jobs.
    static let openMark = "job"
    static let unnotifiedMark = "unnotified"
    static let settledMark = "settled"

    static func mark(_ state: Job.State) -> String { state.isSettled ? unnotifiedMark : openMark }

    // MARK: State

    static func reason(_ state: Job.State) -> AttributeValue? {
        state.failure.map { .map(JobNoteItem.item($0)) }
    }

    /// A note is for people, so a note from another version does not make its job unreadable.
    private static func note(_ reader: ItemReader) -> JobNote? {
        do throws(PortError) {
            return try reader.optionalMap(Attribute.note).map { note throws(PortError) in
                try JobNoteItem.note(note)
            }
        } catch {
            return nil
        }
    }

    /// The version before wrote a sentence.
    private static func failure(_ reader: ItemReader) throws(PortError) -> JobFailure {
        reader.isString(Attribute.reason)
            ? .refused(try reader.string(Attribute.reason))
            : try JobNoteItem.failure(reader.map(Attribute.reason))
    }

    private static func state(_ reader: ItemReader) throws(PortError) -> Job.State {
        switch try reader.string(Attribute.state) {
        case "splitting": .splitting
        case "trying": .trying
        case "queued": .queued
        case "rendering": .rendering
        case "assembling": .assembling
        case "paused": .paused
        case "canceling": .canceling
        case "failing": .failing(try failure(reader))
        case "succeeded": .succeeded
        case "failed": .failed(try failure(reader))
        case "canceled": .canceled
        default: throw reader.malformed(Attribute.state)
        }
    }

    // MARK: Tally

    /// Each instance type has attributes of its own, because `ADD` can't reach into maps.
    static func counts(_ tally: JobTally) -> [(name: String, count: Int64)] {
        let totals = [
            (endedCounts[0], Int64(tally.succeeded)), (endedCounts[1], Int64(tally.failed)),
            (endedCounts[2], Int64(tally.canceled)), ("assemblies", Int64(tally.assemblies)),
            ("frames", Int64(tally.frames)),
            ("measuredFrames", Int64(tally.measuredFrames)),
            ("renderMilliseconds", tally.renderMilliseconds),
            ("failures", Int64(tally.failures)), ("interruptions", Int64(tally.interruptions)),
            (cost, tally.cost.nanodollars), ("blankFrames", Int64(tally.blankFrames)),
        ]
        let types = tally.byType.sorted { $0.key < $1.key }
        return totals
            + types.flatMap { type, time in
                [(framesOn + type, Int64(time.frames)), (millisecondsOn + type, time.milliseconds)]
            }
    }

    /// The counts of succeeded, failed and canceled tasks, which settle a job.
    static let endedCounts = ["succeeded", "failed", "canceled"]
    private static let framesOn = "measuredFrames@"
    private static let millisecondsOn = "renderMilliseconds@"
    private static let cost = "costNanodollars"

    private static func tally(_ reader: ItemReader) throws(PortError) -> JobTally {
        var byType: [String: RenderTime] = [:]
        for type in reader.names(after: framesOn) {
            byType[type] = RenderTime(
                frames: try reader.int(framesOn + type),
                // DynamoDB has no attribute for a count that was never increased.
                milliseconds: Int64(try reader.optionalInt(millisecondsOn + type) ?? 0))
        }
        return JobTally(
            succeeded: try reader.int("succeeded"), failed: try reader.int("failed"),
            canceled: try reader.int("canceled"),
            assemblies: try reader.optionalInt("assemblies") ?? 0, frames: try reader.int("frames"),
            measuredFrames: try reader.int("measuredFrames"),
            renderMilliseconds: try reader.int64("renderMilliseconds"), byType: byType,
            cost: try reader.optionalMoney(cost) ?? .zero,
            failures: try reader.int("failures"),
            interruptions: try reader.int("interruptions"),
            blankFrames: try reader.optionalInt("blankFrames") ?? 0)
    }

    // MARK: Slices

    private static func slices(_ terms: SliceTerms) -> DynamoDB.Item {
        var item: DynamoDB.Item = [:]
        if terms.shares > 1 { item["shares"] = .number(terms.shares) }
        if terms.isForced { item["slices"] = "forced" }
        return item
    }

    private static func slices(_ reader: ItemReader) throws(PortError) -> SliceTerms {
        let shares = try reader.optionalInt("shares") ?? 1
        guard SliceTerms.sharesBounds.contains(shares) else { throw reader.malformed("shares") }
        return SliceTerms(
            shares: shares, isForced: try reader.optionalString("slices") == "forced")
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
        item["file"] = settings.file.map { .s($0) }
        item["scene"] = .s(settings.scene)
        item["engine"] = .s(settings.engine.rawValue)
        item["width"] = .number(settings.resolution.width)
        item["height"] = .number(settings.resolution.height)
        item["percentage"] = .number(settings.resolution.percentage)
        item["format"] = .s(settings.format.rawValue)
        item["samples"] = settings.samples.map { .number($0) }
        item["camera"] = settings.camera.map { .s($0) }
        item["savedBy"] = settings.savedBy.map { .s($0.description) }
        item["missing"] = settings.missing.map { missing in
            .map(["count": .number(missing.count), "paths": .list(missing.shown.map { .s($0) })])
        }
        return item
    }

    private static func settings(_ reader: ItemReader?) throws(PortError) -> RenderSettings? {
        guard let reader else { return nil }
        return RenderSettings(
            file: try reader.optionalString("file"), scene: try reader.string("scene"),
            frames: try reader.frames(),
            engine: Engine(try reader.string("engine")),
            resolution: Resolution(
                width: try reader.int("width"), height: try reader.int("height"),
                percentage: try reader.int("percentage")),
            format: try reader.value("format"), samples: try reader.optionalInt("samples"),
            camera: try reader.optionalString("camera"),
            missing: try missing(reader.optionalMap("missing")),
            savedBy: try reader.optionalVersion("savedBy"))
    }

    private static func missing(_ reader: ItemReader?) throws(PortError) -> MissingFiles? {
        guard let reader else { return nil }
        return MissingFiles(try reader.strings("paths"), count: try reader.int("count"))
    }
}
