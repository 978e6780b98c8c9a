internal import AWS
internal import Farm

/// The scaler's memory as an item.
enum FleetItem {
    static func item(_ memory: FleetMemory) -> DynamoDB.Item {
        var item = Key.fleet
        item[Attribute.revision] = .number(memory.revision)
        item["moves"] = .map(
            Dictionary(
                uniqueKeysWithValues: memory.moves.map { ($0.key.rawValue, .map(move($0.value))) }))
        item["shortSince"] = memory.shortSince?.attribute
        item["unregistered"] = .map(
            Dictionary(
                uniqueKeysWithValues: memory.unregistered.map {
                    ($0.key.rawValue, $0.value.attribute)
                }))
        item["reclaims"] = .map(reclaims(memory.reclaims))
        item["ticks"] = .list(memory.ticks.map { .map(tick($0)) })
        item["burst"] = memory.isInBurst ? "on" : nil
        item["overBudget"] = .list(
            memory.overBudget.map(\.rawValue).sorted().map { .s($0) })
        item["unnotified"] = .list(memory.unnotified.map { .map(news($0)) })
        return item
    }

    static func memory(_ item: DynamoDB.Item) throws(PortError) -> FleetMemory {
        let reader = ItemReader(item)
        let (moveItems, workerItems) = (
            try reader.map("moves"), try reader.map("unregistered")
        )
        var moves: [WorkerRecord.Lifecycle: FleetMemory.Move] = [:]
        for lifecycle in WorkerRecord.Lifecycle.allCases {
            moves[lifecycle] = try move(moveItems.optionalMap(lifecycle.rawValue))
        }
        var unregistered: [WorkerID: Timestamp] = [:]
        for name in workerItems.names(after: "") {
            unregistered[WorkerID(name)] = try workerItems.timestamp(name)
        }
        return FleetMemory(
            revision: try reader.int(Attribute.revision), moves: moves,
            shortSince: try reader.optionalTimestamp("shortSince"), unregistered: unregistered,
            reclaims: try reclaims(reader.optionalMap("reclaims")),
            ticks: try reader.maps("ticks").map { entry throws(PortError) in try tick(entry) },
            isInBurst: try reader.optionalString("burst") != nil,
            overBudget: Set(try reader.strings("overBudget").map { JobID($0) }),
            unnotified: try reader.maps("unnotified").map { entry throws(PortError) in
                try news(entry)
            }
        )
    }

    static func revision(_ item: DynamoDB.Item) throws(PortError) -> Int {
        try ItemReader(item).int(Attribute.revision)
    }

    private static func news(_ news: FleetNews) -> DynamoDB.Item {
        switch news {
        case .overBudget(let job, let note):
            ["job": .s(job.rawValue), "note": .map(JobNoteItem.item(note))]
        case .burst(let burst):
            [
                "count": .number(burst.count), "fleet": .number(burst.fleet),
                "pools": .list(
                    burst.pools.map { .map(["pool": .s($0.pool), "count": .number($0.count)]) }),
            ]
        }
    }

    private static func news(_ reader: ItemReader) throws(PortError) -> FleetNews {
        if let job = try reader.optionalString("job") {
            return .overBudget(JobID(job), note: try JobNoteItem.note(reader.map("note")))
        }
        return .burst(
            InterruptionBurst(
                count: try reader.int("count"), fleet: try reader.int("fleet"),
                pools: try reader.maps("pools").map { entry throws(PortError) in
                    InterruptionBurst.PoolCount(
                        try entry.string("pool"), try entry.int("count"))
                }))
    }

    private static func move(_ move: FleetMemory.Move) -> DynamoDB.Item {
        [
            "direction": .s(move.direction.rawValue), "time": move.time.attribute,
            "demand": .number(move.demand),
        ]
    }

    private static func move(_ reader: ItemReader?) throws(PortError) -> FleetMemory.Move? {
        guard let reader else { return nil }
        return FleetMemory.Move(
            try reader.value("direction"), at: try reader.timestamp("time"),
            demand: try reader.double("demand"))
    }

    private static func reclaims(_ history: ReclaimHistory) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "pools": .list(
                history.pools.map { pool, seen in
                    .map([
                        "type": .s(pool.instanceType), "zone": .s(pool.zone),
                        "hours": .number(seen.hours), "reclaims": .number(seen.reclaims),
                    ])
                }),
            "watched": .list(history.watched.map { .s($0.rawValue) }),
        ]
        item["counted"] = history.counted?.attribute
        return item
    }

    /// `nil` in the memory of earlier versions.
    private static func reclaims(_ reader: ItemReader?) throws(PortError) -> ReclaimHistory {
        guard let reader else { return ReclaimHistory() }
        var pools: [Pool: ReclaimHistory.Exposure] = [:]
        for entry in try reader.maps("pools") {
            let pool = Pool(
                instanceType: try entry.string("type"), zone: try entry.string("zone"))
            pools[pool] = .init(
                hours: try entry.double("hours"), reclaims: try entry.double("reclaims"))
        }
        return ReclaimHistory(
            pools: pools, watched: Set(try reader.strings("watched").map { WorkerID($0) }),
            counted: try reader.optionalTimestamp("counted"))
    }

    private static func tick(_ tick: FleetTick) -> DynamoDB.Item {
        var item: DynamoDB.Item = [
            "time": tick.time.attribute, "openTasks": .number(tick.openTasks),
            "backlogSeconds": .number(tick.backlogSeconds),
            "rows": .list(tick.rows.map { .map(row($0)) }),
        ]
        if !tick.unreadable.isEmpty {
            item["unreadable"] = .list(tick.unreadable.names.map { .s($0) })
            item["unreadableCount"] = .number(tick.unreadable.count)
        }
        return item
    }

    private static func tick(_ reader: ItemReader) throws(PortError) -> FleetTick {
        FleetTick(
            time: try reader.timestamp("time"), openTasks: try reader.int("openTasks"),
            backlogSeconds: try reader.double("backlogSeconds"),
            rows: try reader.maps("rows").map { entry throws(PortError) in try row(entry) },
            unreadable: UnreadableCount(
                try reader.optionalStrings("unreadable"),
                count: try reader.optionalInt("unreadableCount")))
    }

    private static func row(_ row: FleetTick.Row) -> DynamoDB.Item {
        [
            "lifecycle": .s(row.lifecycle.rawValue), "was": .number(row.was),
            "desired": .number(row.desired), "inService": .number(row.inService),
            "usable": .number(row.usable), "demand": .number(row.demand),
            "ending": .list(row.ending.map { .s($0.rawValue) }), "reason": .s(row.reason),
        ]
    }

    private static func row(_ reader: ItemReader) throws(PortError) -> FleetTick.Row {
        FleetTick.Row(
            lifecycle: try reader.value("lifecycle"), was: try reader.int("was"),
            desired: try reader.int("desired"), inService: try reader.int("inService"),
            usable: try reader.int("usable"), demand: try reader.double("demand"),
            ending: try reader.strings("ending").map { WorkerID($0) },
            reason: try reader.string("reason"))
    }
}

/// A capacity shortage as an item. DynamoDB deletes it after it has passed.
enum RefusalItem {
    static func item(_ refusal: CapacityShortage) -> DynamoDB.Item {
        var item = Key.refusal(refusal)
        item["lifecycle"] = .s(refusal.lifecycle.rawValue)
        item["zone"] = .s(refusal.zone)
        item["time"] = refusal.time.attribute
        item["cooling"] = refusal.coolingUntil.attribute
        item["message"] = .s(String(refusal.message.prefix(AdapterLimits.reasonLengthMax)))
        item[Attribute.open] = .s(openMark)
        item[Attribute.timeToLive] = .number(refusal.coolingUntil.milliseconds / 1000)
        return item
    }

    static func refusal(_ item: DynamoDB.Item) throws(PortError) -> CapacityShortage {
        let reader = ItemReader(item)
        return CapacityShortage(
            lifecycle: try reader.value("lifecycle"), zone: try reader.string("zone"),
            time: try reader.timestamp("time"), coolingUntil: try reader.timestamp("cooling"),
            message: try reader.string("message"))
    }

    /// The value of `open` for capacity shortages.
    static let openMark = "pool"
}

/// A reclaim as an item. DynamoDB deletes it when it is no longer needed.
enum ReclaimItem {
    static func item(_ reclaim: PoolReclaim) -> DynamoDB.Item {
        var item = Key.reclaim(reclaim)
        item["worker"] = .s(reclaim.worker.rawValue)
        item["type"] = .s(reclaim.pool.instanceType)
        item["zone"] = .s(reclaim.pool.zone)
        item["time"] = reclaim.time.attribute
        item[Attribute.timeToLive] = .number((reclaim.time + keep).milliseconds / 1000)
        return item
    }

    static func reclaim(_ item: DynamoDB.Item) throws(PortError) -> PoolReclaim {
        let reader = ItemReader(item)
        return PoolReclaim(
            worker: WorkerID(try reader.string("worker")),
            pool: Pool(
                instanceType: try reader.string("type"), zone: try reader.string("zone")),
            time: try reader.timestamp("time"))
    }

    /// Much longer than a burst's window.
    private static let keep: Duration = .days(1)
}
