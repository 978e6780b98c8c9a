import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Presentation

/// `spotrender report`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Shows what jobs took and cost: times, interruptions, waste, bill and saving.",
        discussion: """
            The figures come from the records of workers and functions. Several jobs are compared \
            row by row and share one bill.

              spotrender report shot-1a2b3c4d
              spotrender report shot-1a2b3c4d shot-5e6f7a8b --html report.html
              spotrender report shot-1a2b3c4d --json | jq .bill.totalUSD
            """)

    @Argument(help: "The jobs' names, as in shot-1a2b3c4d.")
    var jobs: [String]
    @Option(help: "Also writes a page with plots to this file. Plots need gnuplot in PATH.")
    var html: String?
    @Flag(help: "Bills the first hour of interrupted Spot instances, although AWS does not.")
    var chargeFirstHour = false

    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let report = FarmReport(
            try await connection.records(of: jobs.map { JobID($0) }),
            now: connection.farm.time.now(), lease: connection.farm.lease,
            rules: BillingRules(isFirstHourFree: !chargeFirstHour))
        if output.json {
            try showJSON(ReportDocument(report))
        } else {
            for table in report.tables { show((table.lines + [""]).joined(separator: "\n")) }
            let detection = DetectionTable(report.detection).lines
            if !detection.isEmpty {
                show((["By detection method"] + detection).joined(separator: "\n  "))
            }
        }
        guard let html else { return }
        let (plots, problem) = try await Gnuplot.draw(PlotScript.plots(of: report))
        let page = HTMLPage(
            report, contactSheets: try await contactSheets(of: report, connection.farm.frames),
            plots: plots, plotNote: problem)
        try page.text.write(toFile: absolute(html), atomically: true, encoding: .utf8)
        if !output.json {
            if let problem { show(problem) }
            show("The page is \(absolute(html))")
        }
    }

    /// One contact sheet for each scene, because runs of equal work have equal frames.
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
