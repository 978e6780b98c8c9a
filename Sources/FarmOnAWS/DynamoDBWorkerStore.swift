internal import AWS
package import Farm

/// Workers in the table.
package struct DynamoDBWorkerStore: WorkerStore {
    private let table: FarmTable

    package init(_ table: FarmTable) {
        self.table = table
    }

    package func save(_ worker: WorkerRecord) async throws(PortError) -> WorkerRecord? {
        var next = worker
        next.revision += 1
        var put = DynamoDB.Put(
            table: table.name, item: table.expiring(WorkerItem.item(next), from: next.seen),
            condition: "attribute_not_exists(\(Attribute.partition))")
        if worker.revision > 0 {
            put.condition = "#revision = :revision"
            put.names = ["#revision": Attribute.revision]
            put.values = [":revision": .number(worker.revision)]
        }
        return try await table.put(put, "save worker \(worker.id)") ? next : nil
    }

    package func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord? {
        let item = try await table.read(Key.worker(id), "read worker \(id)")
        guard let item else { return nil }
        return try WorkerItem.worker(item)
    }

    package func openWorkers() async throws(PortError) -> [WorkerRecord] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name, index: "open", keyCondition: "#open = :open",
                names: ["#open": Attribute.open], values: [":open": .s(WorkerItem.openMark)]),
            "list workers")
        return try table.readable(items) { item throws(PortError) in
            try WorkerItem.worker(item)
        }
    }
}
