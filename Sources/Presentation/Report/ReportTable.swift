/// One table of a report, as text: what the page and the terminal both show.
package struct ReportTable: Hashable, Sendable {
    package let title: String
    package let columns: [String]
    package let rows: [[String]]
    /// What a reader must know to read it right.
    package let notes: [String]
    /// Columns of words, counted from the first; the others hold figures.
    package let textColumnCount: Int

    package init(
        _ title: String, columns: [String], rows: [[String]], notes: [String] = [],
        textColumnCount: Int = 1
    ) {
        precondition(
            rows.allSatisfy { $0.count == columns.count }, "A row has a cell for each column.")
        self.title = title
        self.columns = columns
        self.rows = rows
        self.notes = notes
        self.textColumnCount = textColumnCount
    }

    /// In columns, for a terminal. Characters that would steer one are shown as `·`.
    package var lines: [String] {
        let cells = ([columns] + rows).map { $0.map(Self.harmless) }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        let table = cells.map { row in
            zip(row, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column < textColumnCount ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
        return [title] + table.map { "  " + $0 } + notes.map { "  " + Self.harmless($0) }
    }

    private static func harmless(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                scalar.properties.generalCategory == .control
                    || scalar.properties.generalCategory == .format ? "·" : Character(scalar)
            })
    }
}
