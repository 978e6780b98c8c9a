import Farm
import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `A run's summary` {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)
    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

    private func line(
        _ kind: Journal.Kind, _ instance: String, at seconds: Double
    ) -> Journal.Line {
        Journal.Line(time: Self.start + seconds, kind: kind, instance: instance)
    }

    private func attempt(frames: Int, milliseconds: Int64) throws -> Attempt {
        let moment = Timestamp(milliseconds: 0)
        let task = try `A run's progress`.task(.queued)
        return Attempt(
            task: task.id, token: FencingToken(1),
            lease: Lease(
                worker: WorkerID("i-1"), pool: Self.pool, start: moment,
                until: moment),
            end: moment, outcome: .succeeded,
            report: RenderReport(frameCount: frames, renderMilliseconds: milliseconds))
    }

    private func summary(
        _ journal: [Journal.Line], _ state: WorkerRecord.State = .gone,
        seenAt seen: Int64 = 1_800_000
    ) throws -> RunSummary {
        let job = try `A run's progress`.job(
            .succeeded,
            tally: JobTally(
                succeeded: 2, frames: 6, measuredFrames: 6, renderMilliseconds: 12_000,
                failures: 1, interruptions: 1))
        let worker = WorkerRecord(
            id: WorkerID("i-1"), pool: Self.pool, lifecycle: .spot, state: state,
            seen: Timestamp(milliseconds: seen), booted: Timestamp(milliseconds: 0),
            prices: [PriceStep(time: Timestamp(milliseconds: 0), price: Money(dollars: 0.2))])
        let report = FarmReport(
            FarmReport.Records(
                jobs: [job],
                attempts: [
                    try attempt(frames: 3, milliseconds: 3_000),
                    try attempt(frames: 3, milliseconds: 9_000),
                    try attempt(frames: 0, milliseconds: 0),
                ], workers: [worker], notices: []),
            now: Timestamp(milliseconds: 3_600_000))
        return RunSummary(
            job: job, report: report,
            journal: journal,
            detection: DetectionStatistics(
                reclaims: journal.reclaims(since: Self.start), notices: [], attempts: []),
            from: Self.start, to: Self.start + 3600)
    }

    @Test func `counts the instances that were there meanwhile`() throws {
        let summary = try summary([
            line(.launch, "i-before", at: -900), line(.terminate, "i-before", at: -60),
            line(.launch, "i-whole", at: 0), line(.launch, "i-short", at: 10),
            line(.notice, "i-short", at: 15), line(.terminate, "i-short", at: 20),
            line(.launch, "i-half", at: 1800), line(.launch, "i-after", at: 3700),
        ])
        #expect(summary.instances == 3)
        #expect(summary.interruptions == 1)
    }

    @Test func `says of what still runs until when it was paid`() throws {
        let text = try summary([], .idle, seenAt: 3_590_000)
            .text(out: "/frames", state: StateFolder(path: "/state"))
        #expect(text.contains("$0.2000 for instances"), "\(text)")
        #expect(
            text.contains("; 1 instance still running, as of 1970-01-01 01:00:00 UTC"), "\(text)")
    }

    @Test func `reads as a person would write it`() throws {
        let text = try summary([]).text(out: "/frames", state: StateFolder(path: "/state"))
        #expect(
            text == """
                marbles-1a2b3c4d is done
                  frames         6, in /frames
                  wall time      3600.0 s
                  per frame      2.00 s (1.00 to 3.00 s by attempt)
                  interruptions  0 of 0 instances, 1 tasks handed on
                  retries        1
                  cost           $0.1000 for instances, $0.1000 in all; On-Demand $0.1540 for the same time
                  bill           spotrender report marbles-1a2b3c4d
                  logs           /state/logs
                """)
    }
}

@Suite struct `A run's order` {
    private func order(_ file: String, _ metadata: [String: String] = [:]) -> RunOrder {
        RunOrder(
            file: file, metadata: metadata, out: "/out", interruptions: [],
            interruptAfterSeconds: 10)
    }

    @Test func `is in order when the splitter would take it`() throws {
        try order("/a/b.blend", ["frames": "1-24:2", "resolution": "64x36"]).check()
        try order("/a/b.tar.gz", ["file": "b.blend"]).check()
    }

    @Test(arguments: [
        ("/a/b.rar", [:]), ("/a/b.blend", ["frames": "9-1"]), ("/a/b.blend", ["chunk": "0"]),
        ("/a/b.blend", ["resolution": "big"]),
    ])
    func `is refused before the upload otherwise`(_ file: String, _ metadata: [String: String]) {
        #expect(throws: LocalCloudError.self) { try order(file, metadata).check() }
    }
}
