import Farm
import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `A run's summary` {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func line(
        _ kind: Journal.Kind, _ instance: String, at seconds: Double, price: String? = nil
    ) -> Journal.Line {
        var line = Journal.Line(time: Self.start + seconds, kind: kind, instance: instance)
        line.price = price
        return line
    }

    private func attempt(frames: Int, milliseconds: Int64) throws -> Attempt {
        let moment = Timestamp(milliseconds: 0)
        let task = try `A run's progress`.task(.queued)
        return Attempt(
            task: task.id, token: FencingToken(1),
            lease: Lease(
                worker: WorkerID("i-1"), pool: Pool(instanceType: "t", zone: "z"), start: moment,
                until: moment),
            end: moment, outcome: .succeeded,
            report: RenderReport(frameCount: frames, renderMilliseconds: milliseconds))
    }

    private func summary(_ journal: [Journal.Line]) throws -> RunSummary {
        RunSummary(
            job: try `A run's progress`.job(
                .succeeded,
                tally: JobTally(
                    succeeded: 2, frames: 6, measuredFrames: 6, renderMilliseconds: 12_000,
                    failures: 1, interruptions: 1)),
            attempts: [
                try attempt(frames: 3, milliseconds: 3_000),
                try attempt(frames: 3, milliseconds: 9_000),
                try attempt(frames: 0, milliseconds: 0),
            ],
            journal: journal, from: Self.start, to: Self.start + 3600)
    }

    @Test func `adds up what instances cost, by the second and a minute at least`() throws {
        let summary = try summary([
            line(.launch, "i-before", at: -900, price: "9"), line(.terminate, "i-before", at: -60),
            line(.launch, "i-whole", at: 0, price: "0.36"),
            line(.launch, "i-short", at: 10, price: "0.36"),
            line(.notice, "i-short", at: 15), line(.terminate, "i-short", at: 20),
            line(.launch, "i-half", at: 1800, price: "0.36"),
        ])
        #expect(summary.instances == 3)
        #expect(summary.interruptions == 1)
        #expect(abs(summary.dollars - (0.36 + 0.006 + 0.18)) < 1e-9)
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
                  cost           $0.0000 for these instances at recorded Spot prices
                  logs           /state/logs
                """)
    }

    @Test(arguments: [
        (0.0, 2, "0.00"), (0.005, 2, "0.01"), (12.345, 1, "12.3"), (-1.5, 1, "-1.5"),
        (7.0, 0, "7"), (0.00609, 4, "0.0061"),
    ])
    func `rounds`(_ value: Double, _ digits: Int, _ text: String) {
        #expect(RunSummary.decimal(value, digits) == text)
    }
}

@Suite struct `A run's order` {
    private func order(_ file: String, _ metadata: [String: String] = [:]) -> RunOrder {
        RunOrder(
            file: file, metadata: metadata, out: "/out", interruptsOne: false,
            interruptAfterSeconds: 10)
    }

    @Test func `is in order when the splitter would take it`() throws {
        try order("/a/b.blend", ["frames": "1-24:2", "resolution": "64x36"]).check()
    }

    @Test(arguments: [
        ("/a/b.zip", [:]), ("/a/b.blend", ["frames": "9-1"]), ("/a/b.blend", ["chunk": "0"]),
        ("/a/b.blend", ["resolution": "big"]),
    ])
    func `is refused before the upload otherwise`(_ file: String, _ metadata: [String: String]) {
        #expect(throws: LocalCloudError.self) { try order(file, metadata).check() }
    }
}
