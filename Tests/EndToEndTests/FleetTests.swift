import Foundation
import Testing

/// The fleet as `spotrender fleet --json` tells it.
private struct Fleet: Decodable {
    struct Group: Decodable {
        let name: String
        let desired: Int
        let isProtected: [String: Bool]
    }

    struct Worker: Decodable {
        let instance: String
        let group: String
        let state: String
    }

    struct Tick: Decodable {
        struct Row: Decodable {
            let group: String
            let was: Int
            let desired: Int
            let ending: [String]
            let reason: String
        }

        let time: Int64
        let openTasks: Int
        let rows: [Row]
    }

    struct Refusal: Decodable {
        let group: String
    }

    let groups: [Group]
    let workers: [Worker]
    let refusals: [Refusal]
    /// Newest first.
    let ticks: [Tick]

    var isZero: Bool { groups.allSatisfy { $0.desired == 0 && $0.isProtected.isEmpty } }
}

extension LocalFarm {
    fileprivate func fleet() async throws -> Fleet {
        // The options that name the farm come from the file that `up` wrote.
        let answer = try await run(
            "/bin/sh",
            [
                "-c", ". \"$1\"; exec dist/spotrender fleet --json --decisions 20", "sh",
                "\(state)/env.sh",
            ])
        return try JSONDecoder().decode(Fleet.self, from: Data(answer.output.utf8))
    }

    /// Looks until it is so; for up to four minutes: a first paid minute, the grace and a busy machine.
    fileprivate func fleet(until isSo: (Fleet) -> Bool) async throws -> Fleet {
        var last = try await fleet()
        for _ in 0..<240 where !isSo(last) {
            try await Task.sleep(for: .seconds(1))
            last = try await fleet()
        }
        try #require(isSo(last), "\(last)")
        return last
    }

    /// What the instances launched since then cost at the least and at the most, by the journal.
    fileprivate func costs(since start: Date) throws -> ClosedRange<Double> {
        struct Line: Decodable {
            let kind: String
            let instance: String
            let time: String
            let price: String?
        }
        let text = try String(contentsOfFile: "\(state)/instances.jsonl", encoding: .utf8)
        let prices = try text.split(separator: "\n")
            .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            .filter { $0.kind == "launch" && $0.time >= start.formatted(.iso8601) }
            .compactMap { $0.price.flatMap { Double($0) } }
        let hours = max(60, Date().timeIntervalSince(start)) / 3600
        let hourly = prices.reduce(0, +)
        return (hourly * 60 / 3600 - 0.0001)...(hourly * hours + 0.0001)
    }

    fileprivate func cost(in output: String) throws -> Double {
        let line = try #require(output.firstMatch(of: /cost +\$([0-9.]+)/), "\(output)")
        return try #require(Double(line.1))
    }
}

extension `The farm on one machine` {
    @Test(.timeLimit(.minutes(10)))
    func `sizes itself from zero at the first tick, protects who is busy, and is zero again`()
        async throws
    {
        let farm = try LocalFarm()
        let before = try await farm.fleet { $0.isZero }
        let start = Date()
        let scene = try await farm.scene("fleet.blend", "--frames", "1-4")
        async let rendering = farm.render(scene, "--samples", "3000")
        let busy = try await farm.fleet { fleet in
            fleet.workers.count { $0.state == "rendering" && $0.group == "spot" } == 2
        }
        // The first tick that saw work asked for all that may be, at once.
        let first = try #require(
            busy.ticks.last { $0.openTasks > 0 && $0.time > before.ticks[0].time })
        let row = try #require(first.rows.first { $0.group == "spot" })
        #expect(row.was == 0 && row.desired == 2, "\(row)")
        let busyOnes = busy.workers.filter { $0.state == "rendering" }.map(\.instance)
        _ = try await farm.fleet { fleet in
            busyOnes.allSatisfy { fleet.groups[0].isProtected[$0] == true }
                && fleet.ticks[0].openTasks > 0
        }
        let answer = try await rendering
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(try farm.frameNames().count == 4)
        let costs = try farm.costs(since: start)
        #expect(costs.contains(try farm.cost(in: answer.output)), "\(costs) \(answer.output)")
        let zero = try await farm.fleet { $0.isZero }
        // By name: no tick made the group smaller by a number.
        let rows = zero.ticks.filter { $0.time > first.time }.flatMap(\.rows)
        #expect(rows.allSatisfy { $0.desired >= $0.was })
        #expect(Set(rows.flatMap(\.ending)) == Set(busyOnes))
    }

    @Test(.timeLimit(.minutes(10)))
    func `renders On-Demand when EC2 has no Spot capacity`() async throws {
        let farm = try LocalFarm()
        _ = try await farm.fleet { $0.isZero }
        #expect(try await farm.local("refuse", "--for", "600").isSuccess)
        let start = Date()
        let scene = try await farm.scene("refused.blend", "--frames", "1-2")
        async let rendering = farm.render(scene)
        let helped = try await farm.fleet { fleet in
            fleet.workers.contains { $0.group == "on-demand" }
        }
        #expect(helped.workers.allSatisfy { $0.group == "on-demand" })
        #expect(helped.refusals.contains { $0.group == "spot" })
        let reasons = helped.ticks.flatMap(\.rows).filter { $0.desired > $0.was }.map(\.reason)
        #expect(reasons.contains { $0.contains("Spot has been short") }, "\(reasons)")
        let answer = try await rendering
        #expect(answer.isSuccess, "\(answer.output)")
        let costs = try farm.costs(since: start)
        #expect(costs.contains(try farm.cost(in: answer.output)), "\(costs) \(answer.output)")
        #expect(try await farm.local("refuse", "--for", "0").isSuccess)
        _ = try await farm.fleet { $0.isZero }
    }
}
