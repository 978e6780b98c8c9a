package import Farm
internal import FoundationEssentials

/// Figures as people read them.
package enum Words {
    /// `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    package static func duration(_ duration: Duration) -> String {
        let seconds = max(0, Int(duration.seconds.rounded()))
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return two(seconds, 60, "min", 1, "s")
        case ..<86_400: return two(seconds, 3600, "h", 60, "min")
        default: return two(seconds, 86_400, "d", 3600, "h")
        }
    }

    private static func two(
        _ seconds: Int, _ large: Int, _ largeName: String, _ small: Int, _ smallName: String
    ) -> String {
        let rest = seconds % large / small
        return "\(seconds / large) \(largeName)" + (rest == 0 ? "" : " \(rest) \(smallName)")
    }

    /// `$12.34`, and below a dollar two digits more.
    package static func dollars(_ dollars: Double) -> String {
        "$" + decimal(dollars, digits: abs(dollars) < 1 ? 4 : 2)
    }

    /// Rounded, with so many digits after the point.
    package static func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int64((value * scale).rounded())
        guard digits > 0 else { return String(whole) }
        let text = String(whole.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (whole < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// `1 task`, `3 tasks`.
    package static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }

    /// As in `2026-11-21T09:35:00Z`.
    package static func time(_ time: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(time.milliseconds / 1000)).formatted(.iso8601)
    }

    /// Columns two blanks apart, as wide as their widest cell.
    package static func table(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ")
        }
    }

    /// `[██████████──────────]`
    package static func bar(_ part: Double, width: Int) -> String {
        let full = Int((min(max(part, 0), 1) * Double(width)).rounded(.down))
        return "[" + String(repeating: "█", count: full)
            + String(repeating: "─", count: width - full) + "]"
    }
}
