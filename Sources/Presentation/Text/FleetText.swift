package import Farm

/// The fleet in lines, for people.
package struct FleetText: Sendable {
    private let groups: [FleetGroup]
    private let workers: [WorkerRecord]
    private let shortages: [CapacityShortage]
    private let now: Timestamp
    private let unreadable: UnreadableCount

    package init(
        groups: [FleetGroup], workers: [WorkerRecord], shortages: [CapacityShortage],
        at now: Timestamp, unreadable: UnreadableCount = UnreadableCount()
    ) {
        self.groups = groups
        self.workers = workers
        self.shortages = shortages
        self.now = now
        self.unreadable = unreadable
    }

    package func lines(_ ticks: [FleetTick]) -> [String] {
        var lines = Format.table(groups.map(row))
        lines += shortages.map(line)
        if !workers.isEmpty {
            lines.append("")
            lines += Format.table(
                workers.sorted { ($0.booted, $0.id.rawValue) < ($1.booted, $1.id.rawValue) }
                    .map(row))
            if groups.flatMap(\.members).contains(where: \.isProtected) {
                lines.append("protected: has work, so that Auto Scaling does not end it")
            }
        }
        if !unreadable.isEmpty {
            let others = unreadable.count - unreadable.names.count
            lines += ["", "\(Format.count(unreadable.count, "item")) of the table cannot be read:"]
            lines += unreadable.names.map { "  \($0)" }
            if others > 0 { lines.append("  and \(others) more") }
            lines.append("Another version of Spotrender may have written them.")
        }
        return lines + ticks.flatMap { [""] + self.lines(of: $0) }
    }

    private func row(_ group: FleetGroup) -> [String] {
        [
            group.lifecycle.rawValue, "\(group.inServiceCount) in service",
            "\(group.desired) wanted", "at most \(group.unitsMax)",
        ]
    }

    private func line(_ shortage: CapacityShortage) -> String {
        "\(shortage.lifecycle.rawValue) in \(shortage.zone): no capacity for "
            + "\(age(shortage.time)): \(shortage.message)"
    }

    private func row(_ worker: WorkerRecord) -> [String] {
        let member = groups.lazy.flatMap(\.members).first { $0.id == worker.id }
        let facts = [
            worker.progress.map { "task \($0.task)" },
            worker.coolingUntil.flatMap { now < $0 ? "at risk" : nil },
            worker.graphics.map { "graphics: \($0)" },
            member == nil ? "not in its group" : member?.isProtected == true ? "protected" : nil,
        ].compactMap(\.self)
        return [
            worker.id.rawValue, worker.lifecycle.rawValue, "\(worker.pool)",
            "\(worker.state.words) for \(age(worker.since))",
            Format.count(worker.framesDone, "frame"),
            worker.pricePerHour.map { "\(Format.dollars($0))/h" } ?? "",
            facts.joined(separator: ", "),
        ]
    }

    private func lines(of tick: FleetTick) -> [String] {
        [
            "\(age(tick.time)) ago: \(Format.count(tick.openTasks, "open task")), "
                + "\(Format.duration(.seconds(tick.backlogSeconds))) of render time left"
        ]
            + Format.table(
                tick.rows.map { row in
                    [
                        "  " + row.lifecycle.rawValue,
                        row.was == row.desired ? "\(row.was)" : "\(row.was) -> \(row.desired)",
                        "\(Format.decimal(row.demand, digits: 2)) needed, \(row.usable) usable"
                            + (row.ending.isEmpty ? "" : ", ends \(row.ending.count)"),
                        row.reason,
                    ]
                })
    }

    private func age(_ time: Timestamp) -> String { Format.duration(now - time) }
}
