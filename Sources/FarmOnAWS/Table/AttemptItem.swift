internal import AWS
internal import Farm

/// An attempt as an item. It is written once, when its lease ends.
enum AttemptItem {
    static func item(_ attempt: Attempt) -> DynamoDB.Item {
        var item = Key.attempt(attempt.task, attempt.token)
        item["worker"] = .s(attempt.worker.rawValue)
        item["type"] = .s(attempt.pool.instanceType)
        item["zone"] = .s(attempt.pool.zone)
        item["priceNanodollars"] = attempt.pricePerHour?.attribute
        item["start"] = attempt.start.attribute
        item["end"] = attempt.end.attribute
        switch attempt.outcome {
        case .succeeded: item["outcome"] = "succeeded"
        case .failed(let failure):
            item["outcome"] = "failed"
            item["failure"] = .map(FailureItem.item(failure))
        case .interrupted(let interruption):
            item["outcome"] = "interrupted"
            item["interruption"] = .map([
                "cause": .s(interruption.cause.rawValue), "path": .s(interruption.path.rawValue),
            ])
        case .expired: item["outcome"] = "expired"
        case .canceled: item["outcome"] = "canceled"
        }
        item["report"] = attempt.report.map { .map(report($0)) }
        return item
    }

    static func attempt(_ item: DynamoDB.Item) throws(PortError) -> Attempt {
        let reader = ItemReader(item)
        let numbers = try reader.key(Attribute.sort, after: Key.attemptPrefix)
            .split(separator: "#").map { Int($0) }
        guard numbers.count == 2, let number = numbers[0], let token = numbers[1] else {
            throw reader.malformed(Attribute.sort)
        }
        let job = JobID(try reader.key(Attribute.partition, after: Key.jobPrefix))
        let pool = Pool(instanceType: try reader.string("type"), zone: try reader.string("zone"))
        let start = try reader.timestamp("start")
        return Attempt(
            task: TaskID(job: job, number: number), token: FencingToken(token),
            // Of its lease, an attempt keeps the worker, the pool and the start.
            lease: Lease(
                worker: WorkerID(try reader.string("worker")), pool: pool,
                pricePerHour: try reader.optionalMoney("priceNanodollars"), start: start,
                until: start),
            end: try reader.timestamp("end"), outcome: try outcome(reader),
            report: try report(reader.optionalMap("report")))
    }

    private static func outcome(_ reader: ItemReader) throws(PortError) -> Attempt.Outcome {
        switch try reader.string("outcome") {
        case "succeeded": return .succeeded
        case "failed": return .failed(try FailureItem.failure(reader.map("failure")))
        case "interrupted":
            let interruption = try reader.map("interruption")
            return .interrupted(
                Interruption(
                    try interruption.value("cause"), by: try interruption.value("path")))
        case "expired": return .expired
        case "canceled": return .canceled
        default: throw reader.malformed("outcome")
        }
    }

    private static func report(_ report: RenderReport) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "frames": .number(report.frameCount),
            "renderMilliseconds": .number(report.renderMilliseconds),
            "fetchMilliseconds": .number(report.fetchMilliseconds),
            "openMilliseconds": .number(report.openMilliseconds),
            "storeMilliseconds": .number(report.storeMilliseconds),
            "frameMilliseconds": .list(report.frameMilliseconds.map { .number($0) }),
            "bytes": .number(report.byteCount),
        ]
        if !report.blankFrames.isEmpty {
            item["blankFrames"] = .list(report.blankFrames.map { .number($0) })
        }
        item["blender"] = report.blender.map { .s($0.description) }
        item["use"] = .map(use(report.use))
        item["log"] = report.logKey.map { .s($0) }
        item["slicing"] = report.slicing.map { .map(slicing($0)) }
        return item
    }

    private static func report(_ reader: ItemReader?) throws(PortError) -> RenderReport? {
        guard let reader else { return nil }
        return RenderReport(
            frameCount: try reader.int("frames"),
            renderMilliseconds: try reader.int64("renderMilliseconds"),
            fetchMilliseconds: try reader.int64("fetchMilliseconds"),
            openMilliseconds: try reader.int64("openMilliseconds"),
            storeMilliseconds: try reader.optionalInt64("storeMilliseconds") ?? 0,
            frameMilliseconds: try reader.numbers("frameMilliseconds"),
            blankFrames: try reader.optionalNumbers("blankFrames").map { Int($0) },
            byteCount: try reader.int64("bytes"), logKey: try reader.optionalString("log"),
            blender: try reader.optionalVersion("blender"),
            use: try use(reader.optionalMap("use")),
            slicing: try slicing(reader.optionalMap("slicing")))
    }

    private static func use(_ use: MachineUse) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "synchronizeMilliseconds": .number(use.synchronizing.milliseconds),
            "finishMilliseconds": .number(use.finishing.milliseconds),
        ]
        item["device"] = use.device.map { .s($0) }
        item["memoryPeak"] = use.memoryPeak.map { .number($0) }
        return item
    }

    /// Attempts from earlier versions have none.
    private static func use(_ reader: ItemReader?) throws(PortError) -> MachineUse {
        guard let reader else { return MachineUse() }
        return MachineUse(
            device: try reader.optionalString("device"),
            memoryPeak: try reader.optionalInt64("memoryPeak"),
            synchronizing: .milliseconds(try reader.int64("synchronizeMilliseconds")),
            finishing: .milliseconds(try reader.int64("finishMilliseconds")))
    }

    private static func slicing(_ slicing: SlicingReport) -> DynamoDB.Item {
        [
            "decision": .map(SliceDecisionItem.item(slicing.decision)),
            "slices": .number(slicing.sliceCount), "samples": .number(slicing.sampleCount),
            "frameSamples": .number(slicing.frameSamples),
            "storeMilliseconds": .number(slicing.storeMilliseconds),
            "mergeMilliseconds": .number(slicing.mergeMilliseconds),
        ]
    }

    private static func slicing(_ reader: ItemReader?) throws(PortError) -> SlicingReport? {
        // The version before wrote the decision as a sentence.
        guard let reader, !reader.isString("decision") else { return nil }
        return SlicingReport(
            decision: try SliceDecisionItem.decision(reader.map("decision")),
            sliceCount: try reader.int("slices"),
            sampleCount: try reader.int("samples"), frameSamples: try reader.int("frameSamples"),
            storeMilliseconds: try reader.int64("storeMilliseconds"),
            mergeMilliseconds: try reader.int64("mergeMilliseconds"))
    }
}
