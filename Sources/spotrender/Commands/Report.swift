import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Presentation

/// Times, interruptions, waste, cost and saving of jobs.
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells what jobs took and cost: times, interruptions, waste, the bill, saving.",
        discussion: """
            Computed from what workers and handlers wrote down. Several jobs are compared, row by \
            row, and share one bill.

              spotrender report shot-1a2b3c4d
              spotrender report shot-1a2b3c4d shot-5e6f7a8b --html report.html
              spotrender report shot-1a2b3c4d --json | jq .bill.totalUSD
            """)

    @Argument(help: "Jobs, as in shot-1a2b3c4d.")
    var jobs: [String]
    @Option(help: "Write a page with plots to this file, too. The plots need gnuplot in PATH.")
    var html: String?
    @Flag(
        help: "Count the first hour of Spot instances that EC2 took back in it, though it is free.")
    var chargeFirstHour = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let farm = try options.connect().farm
        let reader = RecordsReader(
            jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers, notices: farm.notices)
        let report = FarmReport(
            try await reader.records(of: jobs.map { JobID($0) }), now: farm.time.now(),
            rules: BillingRules(isFirstHourFree: !chargeFirstHour))
        if output.json {
            try sayJSON(ReportDocument(report))
        } else {
            for table in report.tables { say((table.lines + [""]).joined(separator: "\n")) }
            let detection = DetectionTable(report.detection).lines
            if !detection.isEmpty {
                say((["By detection method"] + detection).joined(separator: "\n  "))
            }
        }
        guard let html else { return }
        let (plots, note) = try await Gnuplot.draw(PlotScript.plots(of: report))
        let page = HTMLPage(
            report, contactSheets: try await contactSheets(of: report, farm.frames),
            plots: plots, plotNote: note)
        try page.text.write(toFile: absolute(html), atomically: true, encoding: .utf8)
        if !output.json {
            if let note { say(note) }
            say("The page is \(absolute(html))")
        }
    }

    /// One for each scene: runs of equal work have equal frames.
    private func contactSheets(
        of report: FarmReport, _ frames: any FrameReader
    ) async throws -> [HTMLPage.Figure] {
        var sheets: [HTMLPage.Figure] = []
        var shown: Set<RunFigures.Work> = []
        for run in report.runs where !shown.contains(run.work) {
            guard let jpeg = try await frames.contactSheet(of: run.job) else { continue }
            sheets.append(HTMLPage.Figure(title: "Frames of \(run.name)", .jpeg, jpeg))
            shown.insert(run.work)
        }
        return sheets
    }
}
