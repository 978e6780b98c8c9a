package import Farm

/// Where the contract of `FleetStore` is checked: an empty store of its own for each rule.
package struct FleetStoreStage: Sendable {
    package let fleetStore: any FleetStore
    package let time: any TimeSource

    package init(fleetStore: any FleetStore, time: any TimeSource) {
        self.fleetStore = fleetStore
        self.time = time
    }

    private func refusal(_ zone: String, from start: Timestamp) -> CapacityShortage {
        CapacityShortage(
            lifecycle: .spot, zone: zone, time: start, coolingUntil: start + .seconds(600),
            message: "There is no Spot capacity available that matches your request.")
    }

    package static let rules: [ContractRule<FleetStoreStage>] = [
        ContractRule("The memory is empty at first, and reads back as it was saved.") { stage in
            var memory = try await stage.fleetStore.memory()
            try require(memory, equals: FleetMemory(), "the first memory")
            let row = FleetTick.Row(
                lifecycle: .onDemand, was: 1, desired: 2, inService: 1, usable: 0, demand: 1.25,
                ending: [WorkerID("i-1"), WorkerID("i-2")], reason: "“Spot” was short")
            memory.moves = [
                .spot: .init(.up, at: .testStart, demand: 0.1),
                .onDemand: .init(.down, at: .testStart + .seconds(1), demand: 0),
            ]
            memory.shortSince = .testStart
            memory.unregistered = [WorkerID("i-3"): .testStart + .seconds(2)]
            memory.reclaims = ReclaimHistory(
                pools: [
                    Pool(instanceType: "m7i.large", zone: "us-east-1a"): .init(
                        hours: 0.1, reclaims: 2.5)
                ], watched: [WorkerID("i-4"), WorkerID("i-5")], counted: .testStart)
            memory.ticks = [
                FleetTick(time: .testStart, openTasks: 3, backlogSeconds: 4.5, rows: [row])
            ]
            memory.isInBurst = true
            memory.overBudget = [JobID("film-1"), JobID("film-2")]
            memory.unnotified = [
                .overBudget(
                    JobID("film-1"),
                    note: .budgetSpent(
                        spent: Money(nanodollars: 1), budget: Money(nanodollars: 2), framesLeft: 3)),
                .burst(
                    InterruptionBurst(
                        count: 3, fleet: 4,
                        pools: [InterruptionBurst.PoolCount("c5a.2xlarge/us-east-1a", 3)])),
            ]
            try require(try await stage.fleetStore.save(memory), "It was not saved.")
            memory.revision += 1
            try require(try await stage.fleetStore.memory(), equals: memory, "the memory")
            (memory.isInBurst, memory.overBudget, memory.unnotified) = (false, [], [])
            memory.moves = [:]
            memory.shortSince = nil
            try require(try await stage.fleetStore.save(memory), "It was not saved again.")
            memory.revision += 1
            try require(try await stage.fleetStore.memory(), equals: memory, "the second memory")
        },
        ContractRule("One of many ticks at once saves its memory.") { stage in
            for _ in 1...2 {
                let memory = try await stage.fleetStore.memory()
                let wins = try await concurrently(6) { _ in try await stage.fleetStore.save(memory)
                }
                try require(wins.count { $0 }, equals: 1, "the memories that were saved")
            }
        },
        ContractRule("Refusals are listed while they cool, each pool once.") { stage in
            let later = Timestamp.testStart + .seconds(300)
            try await stage.fleetStore.note(stage.refusal("us-east-1a", from: .testStart))
            try await stage.fleetStore.note(stage.refusal("us-east-1a", from: later))
            try await stage.fleetStore.note(stage.refusal("us-east-1b", from: .testStart))
            let noted = try await eventually("the refusals", by: stage.time) {
                try await stage.fleetStore.refusals(at: later)
            } until: {
                $0.count == 2
            }
            let first = try require(
                noted.first { $0.zone == "us-east-1a" }, "The first zone is not there.")
            try require(first.time, equals: .testStart, "since when it has refused")
            try require(first.coolingUntil, equals: later + .seconds(600), "until when it cools")
            let last = try await stage.fleetStore.refusals(at: later + .seconds(300))
            try require(last.map(\.zone), equals: ["us-east-1a"], "those that cool still")
        },
        ContractRule("A reclaim is noted once, and listed from its time on.") { stage in
            let reclaims = (1...3).map { number in
                PoolReclaim(
                    worker: WorkerID("i-\(number)"),
                    pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
                    time: .testStart + .seconds(number * 60))
            }
            for reclaim in reclaims.reversed() + reclaims {
                try await stage.fleetStore.note(reclaim)
            }
            try require(
                try await stage.fleetStore.reclaims(since: .testStart), equals: reclaims,
                "all of them")
            try require(
                try await stage.fleetStore.reclaims(since: .testStart + .seconds(120)),
                equals: Array(reclaims.dropFirst()), "those from the second on")
        },
    ]
}
