import Farm
import FarmTesting

/// One instance with one worker, written by hand or random. Records and a second, naive bill are
/// computed from it.
struct LedgerInstance {
    var name: String
    var type = "c5a.2xlarge"
    var lifecycle = WorkerRecord.Lifecycle.spot
    /// Milliseconds after the ledger's start.
    var launched: Int64 = 0
    var booted: Int64 = 0
    var end: Int64
    var isReclaimed = false
    /// USD per hour from a time on.
    var prices: [(time: Int64, dollars: Double)]
    var diskGiB: Int?
    var attempts: [LedgerAttempt] = []

    static func moment(_ milliseconds: Int64) -> Timestamp {
        .testStart + .milliseconds(milliseconds)
    }

    var worker: WorkerRecord {
        var record = WorkerRecord(
            id: WorkerID(name), pool: Pool(instanceType: type, zone: "us-east-1a"),
            lifecycle: lifecycle, state: .rendering, seen: Self.moment(end),
            launched: Self.moment(launched), booted: Self.moment(booted),
            prices: prices.map {
                PriceStep(
                    time: Self.moment($0.time),
                    price: Money(nanodollars: Int64(($0.dollars * 1e9).rounded())))
            }, diskGiB: diskGiB)
        record.apply(.end, at: Self.moment(end))
        return record
    }

    var notices: [NoticeRecord] {
        guard isReclaimed else { return [] }
        return [
            NoticeRecord(
                worker: WorkerID(name), .end(.spotTerminate), by: .instanceMetadata,
                at: Self.moment(max(launched, end - 120_000)), deadline: Self.moment(end))
        ]
    }

    func attempts(_ numbers: inout Int) -> [Attempt] {
        attempts.map { attempt in
            numbers += 1
            let start = Self.moment(attempt.start)
            return Attempt(
                task: TaskID(job: JobID(attempt.job), number: attempt.task ?? numbers),
                token: FencingToken(attempt.token),
                lease: Lease(
                    worker: WorkerID(name), pool: Pool(instanceType: type, zone: "us-east-1a"),
                    start: start, until: start + .seconds(120)),
                end: Self.moment(attempt.end), outcome: attempt.outcome, report: attempt.report)
        }
    }
}

struct LedgerAttempt {
    var job = "film-1"
    /// `nil` for a task of its own.
    var task: Int?
    var token = 1
    var start: Int64
    var end: Int64
    var outcome = Attempt.Outcome.succeeded
    var report: RenderReport?

    static let interrupted = Attempt.Outcome.interrupted(
        Interruption(.spotTerminate, by: .instanceMetadata))
}

func ledgerReport(
    _ instances: [LedgerInstance], jobs: [String] = ["film-1"], at now: Int64 = 100_000_000,
    rules: BillingRules = BillingRules()
) throws -> FarmReport {
    var number = 0
    let frames = try FrameRange(first: 1, last: 1000)
    let records = FarmReport.Records(
        jobs: jobs.map { id in
            Job(
                id: JobID(id),
                source: SceneObject(
                    bucket: "in", key: "shots/\(id).blend", version: nil, entityTag: "e",
                    byteCount: 1),
                settings: RenderSettings(
                    scene: "Scene", frames: frames, engine: .cycles,
                    resolution: Resolution(width: 64, height: 36), format: .png),
                chunk: 10, taskCount: 100, created: .testStart, state: .succeeded,
                settled: .testStart + .seconds(3600))
        },
        attempts: instances.flatMap { $0.attempts(&number) },
        workers: instances.map(\.worker), notices: instances.flatMap(\.notices))
    return FarmReport(records, now: LedgerInstance.moment(now), rules: rules)
}
