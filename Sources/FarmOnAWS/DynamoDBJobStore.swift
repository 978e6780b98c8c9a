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
        var sets = ["#state = :state"]
        var removes: [String] = []
        var names = ["#state": Attribute.state]
        var values: DynamoDB.Item = [
            ":state": .s(JobItem.stateName(job.state)), ":old": .s(JobItem.stateName(old.state)),
        ]
        let optional: [(name: String, value: AttributeValue?)] = [
            (Attribute.settled, job.settled?.attribute),
            (Attribute.reason, JobItem.reason(job.state).map { .s($0) }),
            (Attribute.open, job.state.isSettled ? nil : .s(JobItem.openMark)),
        ]
        for (name, value) in optional {
            names["#\(name)"] = name
            if let value {
                sets.append("#\(name) = :\(name)")
                values[":\(name)"] = value
            } else {
                removes.append("#\(name)")
            }
        }
        var expression = "SET " + sets.joined(separator: ", ")
        if !removes.isEmpty { expression += " REMOVE " + removes.joined(separator: ", ") }
        return try await table.update(
            DynamoDB.Update(
                table: table.name, key: Key.job(job.id), update: expression,
                condition: "#state = :old", names: names, values: values),
            "move job \(job.id)")
    }

    package func openJobs() async throws(PortError) -> [Job] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name, index: "open", keyCondition: "#open = :open",
                names: ["#open": Attribute.open], values: [":open": .s(JobItem.openMark)]),
            "list open jobs")
        return try items.map { item throws(PortError) in try JobItem.job(item) }
    }
}
