internal import AWS
package import Farm

/// Tasks and attempts in the table.
///
/// A commit is one conditional write on the task's revision. When a lease ends, the same
/// transaction writes the attempt and adds to the job's counts, so that the counts always match the
/// tasks.
package struct DynamoDBTaskStore: TaskStore {
    private let table: FarmTable

    package init(_ table: FarmTable) {
        self.table = table
    }

    package func task(_ id: TaskID) async throws(PortError) -> RenderTask? {
        let item = try await table.read(Key.task(id), "read task \(id)")
        guard let item else { return nil }
        return try TaskItem.task(item)
    }

    // MARK: Create

    package func create(_ tasks: [RenderTask]) async throws(PortError) {
        for start in stride(from: 0, to: tasks.count, by: DynamoDB.transactionWritesMax) {
            let end = min(start + DynamoDB.transactionWritesMax, tasks.count)
            try await createTogether(Array(tasks[start..<end]))
        }
    }

    /// Creates up to a hundred tasks in one transaction. Existing tasks are left out, and the
    /// others are tried again.
    private func createTogether(_ tasks: [RenderTask]) async throws(PortError) {
        let operation = "create tasks of job \(tasks[0].id.job)"
        var missing = tasks
        for _ in 0..<AdapterLimits.creationRoundsMax {
            let writes = missing.map {
                DynamoDB.Write.put(
                    DynamoDB.Put(
                        table: table.name, item: TaskItem.item($0),
                        condition: "attribute_not_exists(\(Attribute.partition))"))
            }
            do throws(DynamoDBError) {
                return try await table.despiteConflicts { () async throws(DynamoDBError) in
                    try await table.dynamoDB.transactWrite(writes)
                }
            } catch {
                guard case .transactionCanceled(let reasons) = error,
                    reasons.count == missing.count,
                    reasons.contains(where: \.isFailedCondition)
                else { throw PortError(error, operation) }
                missing = zip(missing, reasons).filter { !$1.isFailedCondition }.map(\.0)
                if missing.isEmpty { return }
            }
        }
        throw PortError(
            .unavailable, operation, "another program is creating them; try again")
    }

    // MARK: Commit

    package func commit(_ transitions: [TaskTransition]) async throws(PortError) -> Bool {
        precondition(
            (1...TaskTransition.togetherMax).contains(transitions.count),
            "A transaction has at most a hundred items.")
        let first = transitions[0]
        let operation = "commit task \(first.to.id)"
        var writes = transitions.map { DynamoDB.Write.put(taskPut($0)) }
        let tally = transitions.reduce(JobTally()) { $0 + $1.tally }
        if !tally.isZero {
            writes.append(.update(tallyUpdate(tally, of: first.to.id.job)))
        }
        for attempt in transitions.compactMap(\.attempt) {
            let put = DynamoDB.Put(
                table: table.name,
                item: table.expiring(AttemptItem.item(attempt), from: attempt.end),
                condition: "attribute_not_exists(\(Attribute.partition))")
            writes.append(.put(put))
        }
        // A lease or a renewal is one write, for half the price of a transaction.
        if writes.count == 1 { return try await table.put(taskPut(first), operation) }
        do throws(DynamoDBError) {
            let transaction = writes
            try await table.despiteConflicts { () async throws(DynamoDBError) in
                try await table.dynamoDB.transactWrite(transaction)
            }
            return true
        } catch {
            guard case .transactionCanceled(let reasons) = error, reasons.count == writes.count
            else { throw PortError(error, operation) }
            let isMoved = reasons.prefix(transitions.count).contains(where: \.isFailedCondition)
            if isMoved { return false }
            if !tally.isZero, reasons[transitions.count].isFailedCondition {
                throw PortError(.missing, operation, "its job does not exist")
            }
            throw PortError(error, operation)
        }
    }

    private func taskPut(_ transition: TaskTransition) -> DynamoDB.Put {
        DynamoDB.Put(
            table: table.name, item: TaskItem.item(transition.to),
            condition: "#revision = :revision", names: ["#revision": Attribute.revision],
            values: [":revision": .number(transition.from.revision)])
    }

    private func tallyUpdate(_ tally: JobTally, of job: JobID) -> DynamoDB.Update {
        let counts = JobItem.counts(tally).filter { $0.count != 0 }
        var update = DynamoDB.Update(
            table: table.name, key: Key.job(job),
            update: "ADD "
                + counts.map { "#\(Self.placeholder($0.name)) :\(Self.placeholder($0.name))" }
                .joined(separator: ", "),
            condition: "attribute_exists(\(Attribute.partition))")
        for (name, count) in counts {
            update.names["#\(Self.placeholder(name))"] = name
            update.values[":\(Self.placeholder(name))"] = .number(count)
        }
        return update
    }

    /// A placeholder has only letters, digits and underscores. Names of instance types have more.
    private static func placeholder(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    // MARK: Lists

    package func tasks(
        of job: JobID, after number: Int, limit: Int
    ) async throws(PortError) -> [RenderTask] {
        var tasks: [RenderTask] = []
        var first = Key.taskSort(number + 1)
        // Callers stop at a short page, so tasks that cannot be read are replaced by the next ones.
        while tasks.count < limit {
            let wanted = limit - tasks.count
            let (items, isComplete) = try await table.query(
                DynamoDB.Query(
                    table: table.name,
                    keyCondition: "\(Attribute.partition) = :job AND "
                        + "\(Attribute.sort) BETWEEN :first AND :last",
                    values: [
                        ":job": .s(Key.partition(job)), ":first": .s(first),
                        ":last": .s(Key.taskEnd),
                    ],
                    isConsistent: true, limit: min(wanted, AdapterLimits.pageMax)),
                itemsMax: wanted, "list tasks of job \(job)")
            let page = items.prefix(wanted)
            tasks += try table.readable(page) { item throws(PortError) in try TaskItem.task(item) }
            guard !(isComplete && page.count == items.count),
                let last = page.last?[Attribute.sort]?.string
            else { break }
            // After the last key and before the next number, because `!` comes before the digits.
            first = last + "!"
            guard first < Key.taskEnd else { break }
        }
        return tasks
    }

    package func tasks(heldBy worker: WorkerID) async throws(PortError) -> [RenderTask] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name, index: "holder", keyCondition: "#holder = :worker",
                names: ["#holder": Attribute.holder], values: [":worker": .s(worker.rawValue)]),
            "list tasks held by \(worker)")
        let tasks = try table.readable(items) { item throws(PortError) in try TaskItem.task(item) }
        return tasks.sorted {
            ($0.id.job.rawValue, $0.id.number) < ($1.id.job.rawValue, $1.id.number)
        }
    }

    package func attempts(of job: JobID) async throws(PortError) -> [Attempt] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name,
                keyCondition: "\(Attribute.partition) = :job AND "
                    + "begins_with(\(Attribute.sort), :prefix)",
                values: [
                    ":job": .s(Key.partition(job)), ":prefix": .s(Key.attemptPrefix),
                ],
                isConsistent: true),
            "list attempts of job \(job)")
        return try table.readable(items) { item throws(PortError) in
            try AttemptItem.attempt(item)
        }
    }
}

extension DynamoDBError.CancellationReason {
    fileprivate var isFailedCondition: Bool {
        if case .conditionFailed = self { true } else { false }
    }
}
