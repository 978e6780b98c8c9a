import Presentation
import Subprocess

/// Draws plots with the gnuplot in PATH.
enum Gnuplot {
    /// A plot of two curves takes about ten thousand bytes.
    private static let svgBytesMax = 4 << 20

    /// Returns the plots, or a sentence that says why there are none.
    static func draw(
        _ scripts: [PlotScript]
    ) async throws -> (plots: [HTMLPage.Figure], note: String?) {
        var plots: [HTMLPage.Figure] = []
        for script in scripts {
            do {
                let result = try await Subprocess.run(
                    .name("gnuplot"), input: .string(script.text),
                    output: .bytes(limit: svgBytesMax), error: .string(limit: 64 << 10))
                guard result.terminationStatus.isSuccess, !result.standardOutput.isEmpty else {
                    return ([], "gnuplot could not draw “\(script.title)”: \(result.standardError)")
                }
                plots.append(HTMLPage.Figure(title: script.title, .svg, result.standardOutput))
            } catch let error as SubprocessError where error.code == .executableNotFound {
                return (
                    [],
                    "There are no plots, because gnuplot is missing (Debian: apt-get install gnuplot-nox)."
                )
            }
        }
        return (plots, nil)
    }
}
