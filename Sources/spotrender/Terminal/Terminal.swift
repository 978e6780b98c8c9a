import Foundation
import Glibc
import Presentation

/// Draws lines on the terminal, each time over the lines before.
struct Terminal {
    /// Whether standard output is a terminal and not a file or a pipe.
    static var isThere: Bool { isatty(STDOUT_FILENO) == 1 && environment("TERM") != "dumb" }

    private var drawn = 0

    /// Columns and lines. 80 × 24 if the terminal's size is unknown.
    static var size: (width: Int, height: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    mutating func draw(_ lines: [String]) {
        // Moves up to the first line (CUU), clears each line to its end (EL) and the rest (ED).
        var text = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in lines { text += "\r\(Format.visible(line))\u{1B}[K\n" }
        text += "\u{1B}[J"
        FileHandle.standardOutput.write(Data(text.utf8))
        drawn = lines.count
    }

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
