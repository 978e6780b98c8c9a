package import Farm
internal import FoundationEssentials

/// A report as one HTML file that needs nothing else: no script, no network, pictures inside.
package struct HTMLPage: Sendable {
    /// A plot, or all frames of one scene, small.
    package struct Figure: Hashable, Sendable {
        package enum Format: String, Hashable, Sendable {
            case svg = "image/svg+xml"
            case jpeg = "image/jpeg"
        }

        package let title: String
        package let format: Format
        package let bytes: [UInt8]

        package init(title: String, _ format: Format, _ bytes: [UInt8]) {
            self.title = title
            self.format = format
            self.bytes = bytes
        }
    }

    private let report: FarmReport
    private let contactSheets: [Figure]
    private let plots: [Figure]
    /// Why there are no plots.
    private let plotNote: String?

    package init(
        _ report: FarmReport, contactSheets: [Figure] = [], plots: [Figure],
        plotNote: String? = nil
    ) {
        self.report = report
        self.contactSheets = contactSheets
        self.plots = plots
        self.plotNote = plotNote
    }

    package var text: String {
        let names = names.joined(separator: ", ")
        // The plots stand below the tables that they draw.
        let split = report.study.rows.isEmpty ? 1 : 2
        let above = report.tables.prefix(split).map(section)
        let below = report.tables.dropFirst(split).map(section)
        let body = [headline, row(of: contactSheets)] + above + [plotSection] + below + [detection]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy"
              content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>\(Self.escaped(names)) – Spotrender report</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            \(body.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    /// Each name once: runs of a study share one.
    private var names: [String] {
        report.runs.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private var headline: String {
        let bill = report.bill
        let saving =
            bill.saving.map {
                "\(Format.percent($0)) less than On-Demand at \(Format.dollars(bill.onDemand))"
            }
            ?? "On-Demand price unknown"
        let frames = Format.count(report.runs.reduce(0) { $0 + $1.frameCount }, "frame")
        return """
            <h1>\(names.map { Self.escaped($0) }.joined(separator: ", "))</h1>
            <p class="sum">\(frames) for <b>\(Format.dollars(bill.instances))</b> of instances, \
            \(saving). \(Format.percent(report.time.goodput)) of the instance time rendered stored frames \
            (goodput).</p>
            <p>\(Self.escaped(report.interruptionNote)) As of \(Format.timeInWords(report.now)).</p>
            """
    }

    private func row(of figures: [Figure]) -> String {
        guard !figures.isEmpty else { return "" }
        let texts = figures.map { figure in
            let title = Self.escaped(figure.title)
            let data = Data(figure.bytes).base64EncodedString()
            return """
                <figure><img alt="\(title)" src="data:\(figure.format.rawValue);base64,\(data)">
                <figcaption>\(title)</figcaption></figure>
                """
        }
        return "<div class=\"plots\">\(texts.joined(separator: "\n"))</div>"
    }

    private var plotSection: String {
        row(of: plots) + (plotNote.map { "<p class=\"note\">\(Self.escaped($0))</p>" } ?? "")
    }

    private func section(_ table: ReportTable) -> String {
        let head = table.columns.enumerated().map { index, text in
            "<th\(index < table.textColumnCount ? " class=\"t\"" : "")>\(Self.escaped(text))</th>"
        }
        let rows = table.rows.map { row in
            let cells = row.enumerated().map { index, text in
                "<td\(index < table.textColumnCount ? " class=\"t\"" : "")>\(Self.escaped(text))</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        let notes = table.notes.map { "<p class=\"note\">\(Self.escaped($0))</p>" }
        return """
            <h2>\(Self.escaped(table.title))</h2>
            <div class="wide"><table><thead><tr>\(head.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            \(notes.joined(separator: "\n"))
            """
    }

    private var detection: String {
        let lines = DetectionTable(report.detection).lines
        guard !lines.isEmpty else { return "" }
        return """
            <h2>By detection method</h2>
            <div class="wide"><pre>\(Self.escaped(lines.joined(separator: "\n")))</pre></div>
            """
    }

    /// Text as HTML shows it, whatever its owner put into it.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in Format.visible(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static let style = """
        body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#222;background:#f6f6f4}
        main{max-width:1280px;margin:0 auto;padding:24px}
        h1{font-size:24px;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:17px;margin:28px 0 8px}
        .sum{font-size:18px;margin:4px 0}.note{color:#555;font-size:13px;margin:4px 0}
        .wide{overflow-x:auto;background:#fff;border:1px solid #ddd;border-radius:6px}
        table{border-collapse:collapse;width:100%;font-size:13px}
        th,td{padding:4px 8px;text-align:right;vertical-align:top;font-variant-numeric:tabular-nums}
        th{font-weight:600;font-size:12px;color:#444;border-bottom:1px solid #ccc}
        tr+tr td{border-top:1px solid #eee}th.t,td.t{text-align:left}td.t{overflow-wrap:break-word;max-width:22em}td:not(.t){white-space:nowrap}
        pre{margin:0;padding:10px;font-size:13px}
        .plots{display:flex;flex-wrap:wrap;gap:16px}figure{flex:1 1 480px;max-width:720px;margin:12px 0;background:#fff;
        border:1px solid #ddd;border-radius:6px;padding:10px}
        figure img{display:block;max-width:100%;height:auto;margin:auto}figcaption{text-align:center;color:#555;font-size:13px}
        """
}
