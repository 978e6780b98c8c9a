extension Format {
    /// Lines of equal columns, two blanks apart.
    ///
    /// - Parameter textColumns: Columns of text, from the left; the others hold figures and are
    ///   aligned to the right.
    package static func table(_ rows: [[String]], textColumns: Int = .max) -> [String] {
        let rows = rows.map { $0.map { visible($0, keepsLines: false) } }
        let columnCount = rows.map(\.count).max() ?? 0
        let widths = (0..<columnCount).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                guard column < textColumns else { return space + cell }
                return column == row.count - 1 ? cell : cell + space
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
