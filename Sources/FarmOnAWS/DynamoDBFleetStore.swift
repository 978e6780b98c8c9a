internal import AWS
package import Farm

/// The scaler's memory, capacity shortages and reclaims in the table.
package struct DynamoDBFleetStore: FleetStore {
    private let table: FarmTable

    package init(_ table: FarmTable) {
        self.table = table
    }

    package func memory() async throws(PortError) -> FleetMemory {
        let item = try await table.read(Key.fleet, "read the fleet's memory")
        guard let item else { return FleetMemory() }
        do throws(PortError) {
            return try FleetItem.memory(item)
        } catch {
            guard error.kind == .malformed else { throw error }
            // The fleet must be sized without it. The next save replaces it.
            table.unreadable.add(ItemReader.name(of: item), error)
            return FleetMemory(revision: try FleetItem.revision(item))
        }
    }

    package func save(_ memory: FleetMemory) async throws(PortError) -> Bool {
        var next = memory
        next.revision += 1
        var put = DynamoDB.Put(
            table: table.name, item: FleetItem.item(next),
            condition: "attribute_not_exists(\(Attribute.partition))")
        if memory.revision > 0 {
            put.condition = "#revision = :revision"
            put.names = ["#revision": Attribute.revision]
            put.values = [":revision": .number(memory.revision)]
        }
        return try await table.put(put, "save the fleet's memory")
    }

    package func note(_ refusal: CapacityShortage) async throws(PortError) {
        let operation = "record a capacity shortage in \(refusal.zone)"
        var noted = refusal
        let stored = try await table.read(Key.refusal(refusal), operation)
        let earlier = try table.readable([stored].compactMap(\.self)) {
            item throws(PortError) in try RefusalItem.refusal(item)
        }
        if let earlier = earlier.first { noted = noted.following(earlier) }
        let put = DynamoDB.Put(table: table.name, item: RefusalItem.item(noted))
        _ = try await table.put(put, operation)
    }

    package func refusals(at now: Timestamp) async throws(PortError) -> [CapacityShortage] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name, index: "open", keyCondition: "#open = :open",
                names: ["#open": Attribute.open], values: [":open": .s(RefusalItem.openMark)]),
            "list capacity shortages")
        return try table.readable(items) { item throws(PortError) in
            try RefusalItem.refusal(item)
        }.filter { now < $0.coolingUntil }
    }

    package func note(_ reclaim: PoolReclaim) async throws(PortError) {
        _ = try await table.put(
            DynamoDB.Put(table: table.name, item: ReclaimItem.item(reclaim)),
            "record the reclaim of \(reclaim.worker)")
    }

    package func reclaims(since start: Timestamp) async throws(PortError) -> [PoolReclaim] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name, keyCondition: "#pk = :pk AND #sk >= :start",
                names: ["#pk": Attribute.partition, "#sk": Attribute.sort],
                values: [":pk": .s(Key.reclaims), ":start": .s(Key.reclaimTime(start))],
                isConsistent: true),
            "list reclaims")
        return try table.readable(items) { item throws(PortError) in
            try ReclaimItem.reclaim(item)
        }
    }
}
