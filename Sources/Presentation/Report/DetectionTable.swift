package import Farm

/// What detection took in a run, for people.
package struct DetectionTable: Hashable, Sendable {
    package let statistics: DetectionStatistics

    package init(_ statistics: DetectionStatistics) {
        self.statistics = statistics
    }

    /// Empty when no instance was taken away.
    package var lines: [String] {
        guard !statistics.rows.isEmpty else { return [] }
        var lines = [
            "told by      instances  tasks handed on   p50 s   p95 s   p99 s  render lost s  frames finished"
        ]
        lines += statistics.rows.map { row in
            let bound = row.unreportedCount > 0 ? "≤" : ""
            let name = row.method == .kill ? "kill: none" : row.method.rawValue
            return [
                Self.padded(name, 12, isLeft: true),
                Self.padded(String(row.reclaimCount), 10),
                Self.padded(String(row.delays.count), 17),
                Self.padded(delay(row, 50), 8), Self.padded(delay(row, 95), 8),
                Self.padded(delay(row, 99), 8),
                Self.padded(bound + decimal(row.lost.seconds, 1), 15),
                Self.padded(String(row.framesFinished), 17),
            ].joined()
        }
        return lines + [
            origin + " until a task waited for others again;",
            "nearest rank: of fewer than 100 tasks p99 is the slowest, of fewer than 20 p95, too.",
        ]
            + (statistics.rows.contains { $0.unreportedCount > 0 }
                ? ["≤: at most; a machine that went without a word could not tell."] : [])
    }

    private var origin: String {
        switch statistics.origin {
        case .announcement: "Seconds from EC2's announcement (kill: from the cut)"
        case .record: "Seconds from the farm's first record (kill: from the last word)"
        }
    }

    private func delay(_ row: DetectionStatistics.Row, _ percent: Int) -> String {
        row.delay(percentile: percent).map { decimal($0.seconds, 2) } ?? "-"
    }

    private static func padded(_ text: String, _ width: Int, isLeft: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return isLeft ? text + space : space + text
    }
}
