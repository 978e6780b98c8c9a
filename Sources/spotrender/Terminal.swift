import Foundation
import Glibc

/// A picture of some lines on standard output, drawn over the one before: on a terminal only.
struct Terminal {
    /// Whether a person looks: not a file, not a pipe.
    static var isThere: Bool { isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb" }

    private var drawn = 0

    /// Columns and lines; 80 × 24 when the terminal does not say.
    static var size: (width: Int, height: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    mutating func draw(_ lines: [String]) {
        // Up to the first line (CUU), then each line cleared to its end (EL), and what is below (ED).
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in lines { text += "\r\(line)\u{1B}[K\n" }
        text += "\u{1B}[J"
        FileHandle.standardOutput.write(Data(text.utf8))
        drawn = lines.count
    }

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
