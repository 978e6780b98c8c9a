/// One table of a report, for the page and the terminal.
package struct ReportTable: Hashable, Sendable {
    package let title: String
    package let columns: [String]
    package let rows: [[String]]
    /// What a reader must know to understand the figures.
    package let notes: [String]
    /// How many columns, from the left, hold text; the others hold figures.
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

    /// In columns, for a terminal.
    package var lines: [String] {
        [title] + Format.table([columns] + rows, textColumns: textColumnCount).map { "  " + $0 }
            + notes.map { "  " + Format.visible($0, keepsLines: false) }
    }
}
