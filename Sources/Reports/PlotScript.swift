package import Farm

/// A plot, as a program for gnuplot that writes an SVG to its standard output.
///
/// Runs are numbered as in the table and never named: a name from a user is no part of a program.
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

    /// Only what the report has figures for.
    package static func plots(of report: FarmReport) -> [PlotScript] {
        let runs = report.runs.enumerated().filter { $0.element.frameCount > 0 }
        guard !runs.isEmpty else { return [] }
        return [scaleUp(runs), cost(runs)].compactMap(\.self)
    }

    /// Against the run with the fewest instances at work, which is 1 by definition; so two runs at
    /// least.
    private static func scaleUp(_ runs: [(offset: Int, element: RunFigures)]) -> PlotScript? {
        let sorted = runs.sorted {
            $0.element.meanInstancesAtWork < $1.element.meanInstancesAtWork
        }
        guard sorted.count > 1, let base = sorted.first?.element, base.meanInstancesAtWork > 0
        else { return nil }
        let rows = sorted.map { index, run in
            let scale = run.meanInstancesAtWork / base.meanInstancesAtWork
            let speed = run.framesPerHour / base.framesPerHour
            return "\(decimal(run.meanInstancesAtWork, 4)) \(decimal(speed, 4)) "
                + "\(decimal(speed / scale * 100, 2)) \(index + 1)"
        }
        return PlotScript(
            title: "Scale-up and efficiency against instances, for runs of one scene",
            text: head + """
                $runs << END
                \(rows.joined(separator: "\n"))
                END
                set xlabel "instances at work, on average"
                set ylabel "frames per hour, times the smallest run's"
                set y2label "efficiency in %"
                set ytics
                set y2tics
                set xrange [0:*]
                set yrange [0:*]
                set y2range [0:120]
                set offsets graph 0.08, graph 0.08, graph 0.1, 0
                ideal(x) = x / \(decimal(base.meanInstancesAtWork, 4))
                plot ideal(x) with lines dashtype 2 lc rgb "#999999" title "ideal", \\
                  $runs using 1:2 with points pt 7 ps 1.2 lc rgb "#1f6fb2" title "scale-up", \\
                  $runs using 1:2:(sprintf("#%d", $4)) with labels offset 0,1 notitle, \\
                  $runs using 1:3 axes x1y2 with points pt 5 lc rgb "#d1762b" title "efficiency"

                """)
    }

    private static func cost(_ runs: [(offset: Int, element: RunFigures)]) -> PlotScript? {
        let rows = runs.map { index, run in
            "\(decimal(run.wall / .seconds(60), 4)) \(run.bill.instances.decimal(9)) "
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
                plot $runs using 1:2 with points pt 7 ps 1.2 lc rgb "#1f6fb2" title "as paid", \\
                  $runs using 1:2:(sprintf("#%d", $4)) with labels offset 0,1 notitle, \\
                  $runs using 1:3 with points pt 5 ps 1.2 lc rgb "#d1762b" title "On-Demand price", \\
                  $runs using 1:3:(sprintf("#%d", $4)) with labels offset 0,1 notitle

                """)
    }
}
