import Farm
import FarmTesting
import Foundation
import Testing

@testable import Presentation

/// A document of each kind, as published in docs/schema/examples.
///
/// `Tests/Acceptance/test_schema.py` checks the published examples against the schemas. After a
/// change of a document, run these tests with SPOTRENDER_UPDATE_EXAMPLES=1 to write them anew.
@Suite struct `A document` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/schema/examples")

    private static let names = [
        "job", "jobs", "status", "worker", "workers", "fleet", "fleet-decision", "estimate",
        "inspection", "report", "submission", "download", "log", "local-up", "local-down",
        "local-interruption", "local-shortage", "local-instances", "local-run", "farm",
        "job-page", "trouble",
    ]

    @Test(arguments: names) func `is as published`(_ name: String) throws {
        let text = String(decoding: try Samples.document(name).json(isPretty: true), as: UTF8.self)
        let file = Self.folder.appending(path: "\(name).json")
        if ProcessInfo.processInfo.environment["SPOTRENDER_UPDATE_EXAMPLES"] != nil {
            try (text + "\n").write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text + "\n")
    }

    @Test func `of each kind has a schema and an example`() throws {
        let schemas = try FileManager.default.contentsOfDirectory(
            atPath: Self.folder.deletingLastPathComponent().path())
        let published = schemas.filter { $0.hasSuffix(".schema.json") }
            .map { $0.replacingOccurrences(of: ".schema.json", with: "") }
        #expect(Set(published).subtracting(["common"]) == Set(Self.names))
    }

    @Test func `keeps every digit of an amount`() throws {
        let job = try Job(sample: .rendering, tally: JobTally(cost: "12.345679"))
        let text = String(decoding: try JobDocument(job).json(), as: UTF8.self)
        #expect(text.contains(#""costUSD":12.345679"#), "\(text)")
        #expect(text.contains(#""schemaVersion":1"#))
    }
}

private enum Samples {
    private static let id = JobID("shot-1a2b3c4d")
    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

    static func document(_ name: String) throws -> any Document {
        switch name {
        case "job": JobDocument(try failedJob())
        case "jobs": JobsDocument([try failedJob(), try runningJob()])
        case "status": JobStatusDocument(try runningJob(), attempts, forecast: try forecast())
        case "worker": WorkerDocument(busy)
        case "workers": WorkersDocument([busy, worker("i-0123456789abcdef1")])
        case "fleet": fleet
        case "fleet-decision": FleetDecisionDocument(tick)
        case "estimate": try estimate()
        case "inspection": inspection
        case "report": ReportDocument(try ReportSample.report())
        case "farm": FarmDocument(jobs: [try runningJob()], workers: [busy])
        case "job-page": try page()
        case "trouble": TroubleDocument(error: "Could not list open jobs: timed out.")
        default: try command(name)
        }
    }

    private static func command(_ name: String) throws -> any Document {
        switch name {
        case "submission":
            SubmissionDocument(
                job: id.rawValue, file: "/home/ada/film", bucket: "farm-input", framesTotal: 240,
                upload: SubmissionDocument.Upload(
                    files: 12, bytes: 104_857_600, newFiles: 2, newBytes: 1_048_576))
        case "download":
            DownloadDocument(
                job: id.rawValue, folder: "/home/ada/frames", filesFetched: 20, filesPresent: 4,
                bytesFetched: 41_943_040, framesLeft: 216,
                refusals: ["“../x” leads out of the folder"])
        case "log":
            LogDocument(
                job: id.rawValue, task: 3, attempt: 2, worker: "i-0123456789abcdef0",
                title: LogChoice.title(attempts[1]), output: "Blender 4.5.15\nFra:5 …\n")
        case "local-up":
            LocalUpDocument(
                folder: "/work/.spotrender/local",
                environmentFile: "/work/.spotrender/local/env.sh",
                endpoint: "http://127.0.0.1:4566")
        case "local-down":
            LocalDownDocument(
                folder: "/work/.spotrender/local", wasUp: true, isStateDeleted: false)
        case "local-interruption":
            LocalInterruptionDocument(
                worker: "i-0123456789abcdef0", method: "both", endsAfterSeconds: 120)
        case "local-shortage": LocalShortageDocument(shortageSeconds: 300)
        case "local-instances":
            LocalInstancesDocument(
                [
                    LocalInstancesDocument.Instance(
                        worker: "i-0123456789abcdef0", zone: "us-east-1a", isSpot: true,
                        state: "running", launched: "2026-11-21T08:00:00Z", processID: 4711,
                        pricePerHour: Money(decimal: "0.1549"))
                ], trouble: nil)
        case "local-run": try run()
        default: throw PortError(.missing, "make the document \(name)", "there is no such kind")
        }
    }

    // MARK: Values

    private static func failedJob() throws -> Job {
        try Job(
            sample: .failed(.refused("1 task failed.")),
            tally: JobTally(
                succeeded: 4, failed: 1, frames: 8, measuredFrames: 8,
                renderMilliseconds: 100_000, cost: "0.0123", failures: 3, interruptions: 4),
            settled: .testStart + .seconds(61), missing: ["//wood.png"])
    }

    private static func runningJob() throws -> Job {
        try Job(
            sample: .rendering,
            tally: JobTally(
                succeeded: 2, frames: 4, measuredFrames: 4, renderMilliseconds: 50_000,
                byType: ["c5a.2xlarge": RenderTime(frames: 4, milliseconds: 50_000)],
                cost: "0.0123", failures: 1, blankFrames: 1),
            terms: JobTerms(deadline: .testStart + .seconds(7200), budget: "5"),
            file: "film/shot.blend")
    }

    private static var busy: WorkerRecord {
        var busy = worker("i-0123456789abcdef0", task: 3, stored: 1)
        busy.progress?.frame = FrameProgress(frame: 6, samples: 5, samplesMax: 64)
        return busy
    }

    private static func attempt(
        _ task: Int, _ token: Int, _ outcome: Attempt.Outcome, _ report: RenderReport
    ) -> Attempt {
        Attempt(
            task: TaskID(job: id, number: task), token: FencingToken(token),
            lease: Lease(
                worker: WorkerID("i-0123456789abcdef0"), pool: pool, pricePerHour: "0.1549",
                start: .testStart, until: .testStart + .seconds(120)),
            end: .testStart + .seconds(60), outcome: outcome, report: report)
    }

    private static let attempts = [
        attempt(
            1, 1, .succeeded,
            RenderReport(
                frameCount: 2, renderMilliseconds: 25_000, frameMilliseconds: [12_000, 13_000],
                blankFrames: [2], use: MachineUse(device: "CPU", memoryPeak: 242_000_000),
                slicing: SlicingReport(
                    decision: .slices(nil, .none), sliceCount: 2, sampleCount: 64,
                    frameSamples: 64, mergeMilliseconds: 1250))),
        attempt(
            3, 2, .failed(RenderFailure(.crashed, "signal 11")),
            RenderReport(logKey: "jobs/shot-1a2b3c4d/logs/3-2.log.gz")),
    ]

    private static func forecast() throws -> Estimate {
        try #require(Estimate(of: try runningJob(), attempts))
    }

    private static let tick = FleetTick(
        time: .testStart, openTasks: 3, backlogSeconds: 75,
        rows: [
            FleetTick.Row(
                lifecycle: .spot, was: 0, desired: 2, inService: 0, usable: 0, demand: 1.25,
                ending: [], reason: "work for 1.25 units"),
            FleetTick.Row(
                lifecycle: .onDemand, was: 1, desired: 1, inService: 1, usable: 1, demand: 0,
                ending: [WorkerID("i-0123456789abcdef1")], reason: "idle"),
        ])

    private static var fleet: FleetDocument {
        FleetDocument(
            groups: [
                FleetGroup(
                    lifecycle: .spot, desired: 2, unitsMin: 0, unitsMax: 10,
                    members: [
                        FleetGroup.Member(id: WorkerID("i-0123456789abcdef0"), isProtected: true)
                    ])
            ], workers: [busy],
            shortages: [
                CapacityShortage(
                    lifecycle: .spot, zone: "us-east-1b", time: .testStart,
                    coolingUntil: .testStart + .seconds(600), message: "no Spot capacity")
            ], ticks: [tick], unreadable: UnreadableCount(["job#shot-00000000 job"]))
    }

    private static func estimate() throws -> EstimateDocument {
        let speed = try #require(PriceBook.builtIn.speeds["c5a.2xlarge"])
        let settings = try #require(try runningJob().settings)
        return EstimateDocument(
            Estimate(
                Estimate.Probe(frame: 5, duration: .seconds(12), opening: .seconds(2)),
                frameCount: 10, here: speed, types: ["c5a.2xlarge", "none.large"],
                counts: [1, 3]),
            of: "shot.blend", settings, blender: "4.5.15",
            on: .here(speed, like: "c5a.2xlarge"))
    }

    private static let inspection = InspectionDocument(
        file: "film/shot.blend", blender: "4.5.3", compression: "zstd", bytes: 1_048_576,
        scenes: [
            InspectionDocument.Scene(
                name: "Scene", isActive: true, frames: "1-240:2", engine: "CYCLES", width: 1920,
                height: 1080, format: "PNG", hasCamera: true)
        ],
        files: [
            InspectionDocument.File(
                kind: "image", path: "//wood.png", owner: "Wood", blend: "film/shot.blend",
                isPacked: false, isMissing: true)
        ])

    private static func page() throws -> JobPageDocument {
        let range = try FrameRange(first: 1, last: 10)
        return JobPageDocument(
            JobPageDocument.Records(
                job: try runningJob(),
                tasks: SplitPlan.tasks(of: id, SplitPlan.Division(range, chunk: 2)),
                attempts: attempts,
                stored: [1, 2, 3, 4].map { FrameName(job: id, number: $0, format: .png) },
                workers: [busy]),
            at: .testStart + .seconds(90))
    }

    private static func run() throws -> LocalRunDocument {
        let report = try ReportSample.report(1)
        return LocalRunDocument(
            LocalRunDocument.Figures(
                job: id, isDone: true, outcome: "is done", framesDone: 2, wall: .seconds(120),
                instances: 2, interruptions: 1, tasksHandedOn: 1, failures: 0),
            folder: "/home/ada/frames", reasons: [], detection: report.detection, report: report)
    }
}
