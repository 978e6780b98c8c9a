package import Farm

/// A plot, as a program for gnuplot that writes an SVG to its standard output.
///
/// The plot numbers runs as the table does and never names them: a user's text must not become part
/// of a program.
package struct PlotScript: Hashable, Sendable {
    package let title: String
    package let text: String

    private static let head = """
        set terminal svg size 720,420 dynamic background rgb "white" font "sans-serif,13" noenhanced
        set encoding utf8
        set grid lc rgb "#dddddd"
        set border 3 lc rgb "#666666"
        set tics nomirror textcolor rgb "#333333"
        set key outside top center horizontal

        """

    /// The plots that the report has figures for.
    package static func plots(of report: FarmReport) -> [PlotScript] {
        let runs = report.runs.enumerated().filter { $0.element.frameCount > 0 }
        guard !runs.isEmpty else { return [] }
        return (report.study.rows.isEmpty ? [] : [scaleUp(report.study)]) + [cost(runs)]
    }

    /// A series for each market, by the number of instances.
    private static func scaleUp(_ study: Study) -> PlotScript {
        let colors = ["#1f6fb2", "#2f8f5b", "#8e5bb5"]
        var data: [String] = []
        var parts: [String] = []
        for (number, market) in Study.Market.allCases.enumerated() {
            let rows = study.rows.filter { $0.market == market }
            guard !rows.isEmpty else { continue }
            data.append("$m\(number) << END")
            data += rows.map { row in
                "\(row.run.peakInstances) \(Format.decimal(row.scaleUp, digits: 4)) "
                    + "\(Format.decimal(row.efficiency * 100, digits: 2)) \(row.index + 1)"
            }
            data.append("END")
            let color = "lc rgb \"\(colors[number])\""
            parts += [
                "$m\(number) using 1:2 with points pt 7 ps 1.2 \(color)"
                    + " title \"\(market.rawValue): scale-up\"",
                "$m\(number) using 1:2:(sprintf(\"#%d\", $4)) with labels offset 0,1 notitle",
                "$m\(number) using 1:3 axes x1y2 with points pt 4 ps 1.2 \(color)"
                    + " title \"efficiency\"",
            ]
        }
        let instancesMin = study.rows.map(\.run.peakInstances).min() ?? 1
        return PlotScript(
            title: "Scale-up and efficiency against instances, for runs of equal work",
            text: head + """
                \(data.joined(separator: "\n"))
                set xlabel "instances"
                set ylabel "frames per hour, times the smallest run's"
                set y2label "efficiency in %"
                set y2tics
                set xrange [0:*]
                set yrange [0:*]
                set y2range [0:120]
                set offsets graph 0.08, graph 0.08, graph 0.1, 0
                ideal(x) = x / \(Format.decimal(Double(instancesMin), digits: 1))
                plot ideal(x) with lines dashtype 2 lc rgb "#999999" title "ideal", \\
                  \(parts.joined(separator: ", \\\n  "))

                """)
    }

    private static func cost(_ runs: [(offset: Int, element: RunFigures)]) -> PlotScript {
        let rows = runs.map { index, run in
            "\(Format.decimal(run.wall / .seconds(60), digits: 4)) \(run.bill.instances.decimal(9)) "
                + "\(run.bill.onDemand.decimal(9)) \(index + 1)"
        }
        return PlotScript(
            title: "Cost against turn-around",
            text: head + """
                $runs << END
                \(rows.joined(separator: "\n"))
                END
                set xlabel "wall time in minutes"
                set ylabel "USD for instances"
                set xrange [0:*]
                set yrange [0:*]
                set offsets graph 0.08, graph 0.08, graph 0.1, 0
                plot $runs using 1:2 with points pt 7 ps 1.2 lc rgb "#1f6fb2" title "paid", \\
                  $runs using 1:2:(sprintf("#%d", $4)) with labels offset 0,1 notitle, \\
                  $runs using 1:3 with points pt 5 ps 1.2 lc rgb "#d1762b" title "On-Demand price", \\
                  $runs using 1:3:(sprintf("#%d", $4)) with labels offset 0,1 notitle

                """)
    }
}
