package import Farm

/// How soon the farm handed tasks on after instances were taken away, for people.
package struct DetectionTable: Hashable, Sendable {
    package let statistics: DetectionStatistics

    package init(_ statistics: DetectionStatistics) {
        self.statistics = statistics
    }

    /// Empty when no instance was taken away.
    package var lines: [String] {
        guard !statistics.rows.isEmpty else { return [] }
        let head = [
            "notice by", "instances", "tasks handed on", "p50 s", "p95 s", "p99 s",
            "render lost s", "frames finished",
        ]
        let rows = statistics.rows.map { row in
            [
                row.method == .kill ? "none (kill)" : row.method.rawValue,
                "\(row.reclaimCount)", "\(row.delays.count)",
                delay(row, 50), delay(row, 95), delay(row, 99),
                (row.unreportedCount > 0 ? "≤" : "")
                    + Format.decimal(row.lost.seconds, digits: 1),
                "\(row.framesFinished)",
            ]
        }
        return Format.table([head] + rows, textColumns: 1) + [
            "Delays: \(origin) until the task was in the queue again.",
            "Percentiles by nearest rank: with fewer than 100 tasks p99 is the slowest task,"
                + " with fewer than 20 p95 is, too.",
        ]
            + (statistics.rows.contains { $0.unreportedCount > 0 }
                ? ["≤: at most. The farm cannot know what an instance without a report had stored."]
                : [])
    }

    private var origin: String {
        switch statistics.origin {
        case .announcement: "from EC2's notice (kill: from the end of the instance)"
        case .record: "from the farm's first record (kill: from the worker's last report)"
        }
    }

    private func delay(_ row: DetectionStatistics.Row, _ percent: Int) -> String {
        row.delay(percentile: percent).map { Format.decimal($0.seconds, digits: 2) }
            ?? Format.none
    }
}
