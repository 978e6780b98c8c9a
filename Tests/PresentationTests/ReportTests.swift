import Farm
import FoundationEssentials
import Testing

@testable import Presentation

/// Two runs of a scene whose owner gave it a name of his own.
enum ReportSample {
    static let start = Timestamp(milliseconds: 1_795_249_800_000)
    static let hostile = "<img src=x onerror=alert(1)>&'\"\u{1B}[2J\u{202E}.blend"

    static func job(_ id: String, _ name: String) throws -> Job {
        Job(
            id: JobID(id),
            source: SceneObject(
                bucket: "in", key: name, version: nil, entityTag: "e", byteCount: 1),
            settings: RenderSettings(
                scene: "Scene", frames: try FrameRange(first: 1, last: 2), engine: .cycles,
                resolution: Resolution(width: 64, height: 36), format: .png),
            chunk: 1, taskCount: 2, created: start, state: .succeeded,
            settled: start + .seconds(120))
    }

    static func worker(_ id: String, _ lifecycle: WorkerRecord.Lifecycle) -> WorkerRecord {
        var worker = WorkerRecord(
            id: WorkerID(id), pool: pool, lifecycle: lifecycle, state: .idle,
            seen: start + .seconds(130), launched: start, booted: start + .seconds(5),
            prices: [PriceStep(time: start, price: Money(nanodollars: 161_900_000))], diskGiB: 40)
        worker.apply(.end, at: start + .seconds(130))
        return worker
    }

    static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

    static func attempt(
        _ task: (job: String, number: Int), by worker: String, _ span: ClosedRange<Int>,
        _ outcome: Attempt.Outcome = .succeeded
    ) -> Attempt {
        let (first, last) = (span.lowerBound, span.upperBound)
        return Attempt(
            task: TaskID(job: JobID(task.job), number: task.number), token: FencingToken(1),
            lease: Lease(
                worker: WorkerID(worker), pool: pool, start: start + .seconds(first),
                until: start + .seconds(last)),
            end: start + .seconds(last), outcome: outcome,
            report: RenderReport(
                frameCount: 1, renderMilliseconds: Int64(last - first - 2) * 1000,
                openMilliseconds: 1000, frameMilliseconds: [Int64(last - first - 3) * 1000],
                logKey: "log",
                use: MachineUse(
                    device: task.job == "img-1" ? "CPU" : "OPTIX: L4",
                    memoryPeak: Int64(task.number) << 30,
                    synchronizing: .seconds(2))))
    }

    static func report(_ jobs: Int = 2) throws -> FarmReport {
        let reclaim = Interruption(.spotTerminate, by: .instanceMetadata)
        var records = FarmReport.Records(
            jobs: [try job("img-1", hostile)],
            attempts: [
                attempt(("img-1", 1), by: "i-1", 10...60, .interrupted(reclaim)),
                attempt(("img-1", 2), by: "i-2", 10...110),
            ],
            workers: [worker("i-1", .spot), worker("i-2", .onDemand)],
            notices: [
                NoticeRecord(
                    worker: WorkerID("i-1"), .end(.spotTerminate), by: .instanceMetadata,
                    at: start + .seconds(58), deadline: start + .seconds(130), lost: .seconds(3))
            ])
        if jobs > 1 {
            records.jobs.append(try job("plain-2", "plain.blend"))
            records.attempts += [
                attempt(("plain-2", 1), by: "i-3", 10...110),
                attempt(("plain-2", 2), by: "i-4", 10...100),
            ]
            records.workers += [worker("i-3", .spot), worker("i-4", .spot)]
        }
        return FarmReport(records, now: start + .seconds(200))
    }
}

private func json(_ report: FarmReport) throws -> String {
    String(decoding: try ReportDocument(report).json(), as: UTF8.self)
}

@Suite struct `A report's tables` {
    @Test func `add up, line by line, to the total`() throws {
        let rows = try ReportSample.report().billTable.rows
        let lines = rows.dropLast().compactMap { $0.last.flatMap { Decimal(string: $0) } }
        #expect(lines.count == rows.count - 1)
        #expect(rows.last?.last.flatMap { Decimal(string: $0) } == lines.reduce(0, +))
    }

    @Test func `name interval and instance-hours wherever interruptions are counted`() throws {
        let report = try ReportSample.report()
        let note =
            "1 of 3 Spot instances interrupted, in 0.108 Spot instance-hours"
            + " between 2026-11-21 08:30:00 UTC and 2026-11-21 08:32:10 UTC."
        #expect(report.runTable.notes.contains(note))
        #expect(report.kindTable.notes.contains(note))
        #expect(HTMLPage(report, plots: []).text.contains(note))
        #expect(try json(report).contains(note))
    }

    @Test func `say what the machines were asked`() throws {
        let report = try ReportSample.report(1)
        let notes = report.runTable.notes
        #expect(notes.contains("Cycles rendered on CPU."))
        #expect(notes.contains("Blender took up to 2.0 GiB of memory."))
        #expect(try ReportSample.report().runTable.notes.contains("Cycles rendered on CPU: img-1."))
        #expect(
            report.timeTable.notes.contains(
                "Attempts by phase, as workers reported: opening it 2.00 s, preparing it for "
                    + "the renderer 4.00 s, rendering 2 min 20 s."))
    }

    @Test func `line up their columns`() throws {
        let table = ReportTable(
            "T", columns: ["name", "x"], rows: [["a", "1"], ["long", "100"]], notes: ["n"])
        #expect(table.lines == ["T", "  name    x", "  a       1", "  long  100", "  n"])
    }

    @Test func `send nothing to a terminal that steers it`() throws {
        let text = try ReportSample.report().tables.flatMap(\.lines).joined(separator: "\n")
        #expect(text.contains("<img src=x onerror=alert(1)>&'\"\\u{1B}[2J\\u{202E}.blend"))
        #expect(!text.contains("\u{1B}"))
    }
}

@Suite struct `A report's page` {
    @Test func `shows names from users as text`() throws {
        let page = HTMLPage(try ReportSample.report(), plots: []).text
        #expect(!page.contains("<img src=x"))
        #expect(!page.contains("\u{1B}") && !page.contains("\u{202E}"))
        let shown = "&lt;img src=x onerror=alert(1)&gt;&amp;&#39;&quot;\\u{1B}[2J\\u{202E}.blend"
        // In the title, the headline and its row.
        #expect(page.components(separatedBy: shown).count == 4)
    }

    @Test func `has the study's table above the plots that draw it`() throws {
        let report = try ReportSample.report()
        #expect(report.studyTable.rows.count == 2)
        let plots = PlotScript.plots(of: report).map {
            HTMLPage.Figure(title: $0.title, .svg, Array("<svg/>".utf8))
        }
        let page = HTMLPage(report, plots: plots).text
        let parts = page.components(separatedBy: "Study: runs of equal work")
        #expect(parts.count == 2 && !parts[0].contains("<figure>"))
        #expect(parts[1].components(separatedBy: "<figure>").count == 3)
        // A run alone is compared with nothing.
        #expect(try !HTMLPage(ReportSample.report(1), plots: []).text.contains("Study"))
    }

    @Test func `shows the frames of each scene`() throws {
        let sheet = HTMLPage.Figure(title: "Frames of <b>.blend", .jpeg, [0xFF, 0xD8])
        let page = HTMLPage(try ReportSample.report(), contactSheets: [sheet], plots: []).text
        #expect(
            page.contains(
                "alt=\"Frames of &lt;b&gt;.blend\" src=\"data:image/jpeg;base64,/9g=\""))
    }

    @Test func `needs nothing but itself`() throws {
        let plot = HTMLPage.Figure(title: "a < b", .svg, Array("<svg/>".utf8))
        let page = HTMLPage(try ReportSample.report(), plots: [plot], plotNote: "no <plots>").text
        #expect(page.contains("<img alt=\"a &lt; b\" src=\"data:image/svg+xml;base64,PHN2Zy8+\">"))
        #expect(page.contains("no &lt;plots&gt;"))
        #expect(!page.contains("image/jpeg"))
        #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"))
    }
}

@Suite struct `A report for programs` {
    private struct Document: Decodable {
        struct Run: Decodable {
            let job: String
            let framesDone: Int
            let devices: [String]
            let memoryPeakBytes: Int64
            let phaseSeconds: [String: Double]
            let bill: Bill
        }
        struct Bill: Decodable {
            struct Line: Decodable {
                let item: String
                let costUSD: Decimal
            }
            let lines: [Line]
            let totalUSD: Decimal
            let instancesUSD: Decimal
        }
        let runs: [Run]
        let bill: Bill
        let timeUseSeconds: [String: Double]
        struct Detection: Decodable {
            let method: String
        }
        let detection: [Detection]
    }

    @Test func `has the figures with all their digits`() throws {
        let report = try ReportSample.report()
        let document = try JSONDecoder().decode(Document.self, from: Data(json(report).utf8))
        #expect(document.runs.map(\.job) == ["img-1", "plain-2"])
        #expect(document.runs.map(\.framesDone) == [2, 2])
        #expect(document.runs.map(\.devices) == [["CPU"], ["OPTIX: L4"]])
        #expect(document.runs.map(\.memoryPeakBytes) == [2 << 30, 2 << 30])
        #expect(document.runs[0].phaseSeconds["render"] == 140)
        #expect(document.runs[0].phaseSeconds["merge"] == 0)
        #expect(document.bill.totalUSD == document.bill.lines.reduce(0) { $0 + $1.costUSD })
        #expect(document.bill.totalUSD == Decimal(string: report.bill.total.decimal(9)))
        #expect(
            document.runs.reduce(0) { $0 + $1.bill.instancesUSD } == document.bill.instancesUSD)
        #expect(document.timeUseSeconds["lost"] == 2)
        #expect(document.detection.map(\.method) == ["imds"])
    }
}

@Suite struct `A report's plots` {
    @Test func `number runs and never name them`() throws {
        let scripts = try PlotScript.plots(of: ReportSample.report())
        #expect(
            scripts.map(\.title) == [
                "Scale-up and efficiency against instances, for runs of equal work",
                "Cost against turn-around",
            ])
        for script in scripts {
            #expect(!script.text.contains("img") && !script.text.contains("plain"))
            #expect(script.text.contains("\nEND\n"))
        }
    }

    @Test func `need two runs to tell how the farm scales`() throws {
        #expect(
            try PlotScript.plots(of: ReportSample.report(1)).map(\.title) == [
                "Cost against turn-around"
            ])
        let none = FarmReport(
            FarmReport.Records(jobs: [], attempts: [], workers: [], notices: []),
            now: ReportSample.start)
        #expect(PlotScript.plots(of: none).isEmpty)
    }
}

@Suite struct `Figures` {
    @Test(arguments: [
        (0.0, 2, "0.00"), (0.005, 2, "0.01"), (12.345, 1, "12.3"), (-1.5, 1, "-1.5"),
        (7.0, 0, "7"), (0.00609, 4, "0.0061"),
    ])
    func `are rounded`(_ value: Double, _ digits: Int, _ text: String) {
        #expect(Format.decimal(value, digits: digits) == text)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00 UTC"), (1_709_164_799, "2024-02-28 23:59:59 UTC"),
        (1_709_164_800, "2024-02-29 00:00:00 UTC"), (4_107_542_400, "2100-03-01 00:00:00 UTC"),
    ])
    func `name moments`(_ seconds: Int64, _ text: String) {
        #expect(Format.timeInWords(Timestamp(milliseconds: seconds * 1000)) == text)
    }

    @Test func `have more digits where an amount is small`() {
        #expect(Format.dollars(Money(nanodollars: 123_456_789)) == "$0.1235")
        #expect(Format.dollars(Money(nanodollars: 12_345)) == "$0.000012")
        #expect(Format.dollars(Money.zero) == "$0.00")
        #expect(Format.dollars(Money(nanodollars: -161_900_000)) == "-$0.1619")
    }
}
