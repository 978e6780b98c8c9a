internal import AWS
package import Farm

/// Jobs in the table.
package struct DynamoDBJobStore: JobStore {
    private let table: FarmTable

    package init(_ table: FarmTable) {
        self.table = table
    }

    package func create(_ job: Job) async throws(PortError) -> Bool {
        try await table.put(
            DynamoDB.Put(
                table: table.name, item: JobItem.item(job),
                condition: "attribute_not_exists(\(Attribute.partition))"),
            "create job \(job.id)")
    }

    package func job(_ id: JobID) async throws(PortError) -> Job? {
        guard let item = try await table.read(Key.job(id), "read job \(id)") else { return nil }
        return try JobItem.job(item)
    }

    package func replace(_ old: Job, with job: Job) async throws(PortError) -> Bool {
        var sets = ["#state = :state", "#open = :open"]
        var removes: [String] = []
        var names = ["#state": Attribute.state, "#open": Attribute.open]
        var values: DynamoDB.Item = [
            ":state": .s(job.state.name), ":old": .s(old.state.name),
            ":open": .s(JobItem.mark(job.state)),
        ]
        let optional: [(name: String, value: AttributeValue?)] = [
            (Attribute.settled, job.settled?.attribute),
            (Attribute.reason, JobItem.reason(job.state)),
            (Attribute.notifying, nil),
        ]
        var condition = "#state = :old"
        for (name, value) in optional {
            names["#\(name)"] = name
            if let value {
                sets.append("#\(name) = :\(name)")
                values[":\(name)"] = value
            } else {
                removes.append("#\(name)")
            }
        }
        if job.state.isSettled || job.state == .assembling {
            let ended = [old.tally.succeeded, old.tally.failed, old.tally.canceled]
            for (name, count) in zip(JobItem.endedCounts, ended) {
                names["#\(name)"] = name
                values[":\(name)"] = .number(count)
                condition += " AND #\(name) = :\(name)"
            }
        }
        var expression = "SET " + sets.joined(separator: ", ")
        if !removes.isEmpty { expression += " REMOVE " + removes.joined(separator: ", ") }
        return try await table.update(
            DynamoDB.Update(
                table: table.name, key: Key.job(job.id), update: expression,
                condition: condition, names: names, values: values),
            "move job \(job.id)")
    }

    package func note(_ note: JobNote?, on id: JobID) async throws(PortError) {
        var update = DynamoDB.Update(
            table: table.name, key: Key.job(id), update: "REMOVE #note",
            condition: "attribute_exists(\(Attribute.partition))",
            names: ["#note": Attribute.note])
        if let note {
            update.update = "SET #note = :note"
            update.values = [":note": .map(JobNoteItem.item(note))]
        }
        do throws(DynamoDBError) {
            let update = update
            try await table.despiteConflicts { () async throws(DynamoDBError) in
                try await table.dynamoDB.updateItem(update)
            }
        } catch {
            throw PortError(error, "note on job \(id)")
        }
    }

    package func openJobs() async throws(PortError) -> [Job] {
        try await jobs(marked: JobItem.openMark, "list open jobs")
    }

    package func settledJobs() async throws(PortError) -> [Job] {
        let operation = "list settled jobs"
        return try await jobs(marked: JobItem.settledMark, operation)
            + jobs(marked: JobItem.unnotifiedMark, operation)
    }

    package func unnotifiedJobs() async throws(PortError) -> [Job] {
        try await jobs(marked: JobItem.unnotifiedMark, "list jobs without a notification")
    }

    package func claimNotification(
        of id: JobID, until end: Timestamp, at now: Timestamp
    ) async throws(PortError) -> Bool {
        try await table.update(
            DynamoDB.Update(
                table: table.name, key: Key.job(id), update: "SET #notifying = :end",
                condition: "#open = :unnotified AND"
                    + " (attribute_not_exists(#notifying) OR #notifying <= :now)",
                names: ["#open": Attribute.open, "#notifying": Attribute.notifying],
                values: [
                    ":unnotified": .s(JobItem.unnotifiedMark), ":end": end.attribute,
                    ":now": now.attribute,
                ]),
            "claim the notification of job \(id)")
    }

    package func markNotified(_ id: JobID) async throws(PortError) -> Bool {
        try await table.update(
            DynamoDB.Update(
                table: table.name, key: Key.job(id), update: "SET #open = :new REMOVE #notifying",
                condition: "#open = :old",
                names: ["#open": Attribute.open, "#notifying": Attribute.notifying],
                values: [":old": .s(JobItem.unnotifiedMark), ":new": .s(JobItem.settledMark)]),
            "mark job \(id) as notified")
    }

    private func jobs(
        marked mark: String, _ operation: String
    ) async throws(PortError) -> [Job] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name, index: "open", keyCondition: "#open = :open",
                names: ["#open": Attribute.open], values: [":open": .s(mark)]),
            operation)
        return try table.readable(items) { item throws(PortError) in try JobItem.job(item) }
    }
}
