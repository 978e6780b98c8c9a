import Farm
import FarmOnAWS
import Foundation
import Testing

/// The document of `spotrender fleet --json`.
private struct Fleet: Decodable {
    struct Group: Decodable {
        struct Instance: Decodable {
            let worker: String
            let isProtected: Bool
        }

        let lifecycle: String
        let unitsDesired: Int
        let instances: [Instance]

        func isProtected(_ worker: String) -> Bool? {
            instances.first { $0.worker == worker }?.isProtected
        }
    }

    struct Worker: Decodable {
        let worker: String
        let lifecycle: String
        let state: String
        let task: Int?
    }

    struct Decision: Decodable {
        struct Group: Decodable {
            let lifecycle: String
            let unitsBefore: Int
            let unitsDesired: Int
            let endingWorkers: [String]
            let reason: String
        }

        let time: String
        let tasksOpen: Int
        let groups: [Group]
    }

    struct Shortage: Decodable {
        let lifecycle: String
    }

    let groups: [Group]
    let workers: [Worker]
    let capacityShortages: [Shortage]
    /// Newest first.
    let decisions: [Decision]

    /// Whether the groups are empty and the scaler has seen it.
    var isZero: Bool {
        !decisions.isEmpty && groups.allSatisfy { $0.unitsDesired == 0 && $0.instances.isEmpty }
    }
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

    /// Looks for up to four minutes: the first paid minute, the grace period, and a busy machine.
    fileprivate func fleet(until isSo: (Fleet) -> Bool) async throws -> Fleet {
        var last = try await fleet()
        for _ in 0..<240 where !isSo(last) {
            try await Task.sleep(for: .seconds(1))
            last = try await fleet()
        }
        try #require(isSo(last), "\(last)")
        return last
    }

    /// The cost line at the run's end, and the report once nothing runs, agree with the bill from
    /// the journal's launches, ends and prices.
    fileprivate func checkCosts(of output: String) async throws {
        let job = try #require(output.firstMatch(of: /spotrender report ([a-z0-9-]+)/)).output.1
        let attempts = try await Rehearsal(self).aws.tasks.attempts(of: JobID(String(job)))
        let accounts = try JournalAccounts(
            String(contentsOfFile: "\(state)/instances.jsonl", encoding: .utf8),
            of: Set(attempts.map(\.worker.rawValue)))
        let line = try #require(
            output.firstMatch(
                of: /cost +\$([0-9.]+) for instances.* still running, as of ([-0-9]+) ([:0-9]+) UTC/
            ))
        let moment = try Date("\(line.2)T\(line.3)Z", strategy: .iso8601)
        let shown = try #require(Double(line.1))
        // The output rounds dollars to this many digits.
        let step = pow(0.1, Double(line.1.split(separator: ".").last?.count ?? 0))
        let then = accounts.totals(asOf: moment)
        #expect(then.contains { abs($0 - shown) <= step / 2 + 1e-9 }, "\(then) \(output)")

        struct Report: Decodable {
            struct Bill: Decodable {
                let instancesUSD: Double
            }
            struct Unknown: Decodable {
                let runningInstances: Int
            }
            let bill: Bill
            let unknown: Unknown
        }
        _ = try await fleet { $0.isZero }
        var report: Report
        repeat {
            try await Task.sleep(for: .seconds(1))
            let answer = try await command("report", String(job), "--json")
            report = try JSONDecoder().decode(Report.self, from: Data(answer.output.utf8))
        } while report.unknown.runningInstances > 0
        let ended = try JournalAccounts(
            String(contentsOfFile: "\(state)/instances.jsonl", encoding: .utf8),
            of: Set(attempts.map(\.worker.rawValue)))
        let whole = ended.totals(asOf: .distantFuture)
        let usd = report.bill.instancesUSD
        #expect(whole.contains { abs($0 - usd) < 1e-6 }, "\(whole) \(usd)")
        print("\(job): \(line.0); in the end $\(usd), by the journal \(whole)")
    }
}

/// EC2's bill by hand: each instance's whole seconds from launch to end, at least sixty, at the
/// price of its launch.
private struct JournalAccounts {
    private struct Line: Decodable {
        let kind: String
        let instance: String
        let time: String
        let price: String?
    }

    private struct Account {
        let price: Double
        let launch: Double
        /// `nil` while the instance runs.
        let end: Double?
    }

    private let accounts: [Account]

    init(_ text: String, of instances: Set<String>) throws {
        let lines = try text.split(separator: "\n")
            .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        func seconds(_ line: Line) throws -> Double {
            try Date(line.time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                .timeIntervalSince1970
        }
        accounts = try instances.map { instance in
            let own = lines.filter { $0.instance == instance }
            let launch = try #require(own.first { $0.kind == "launch" })
            let end = own.first { $0.kind == "stopping" } ?? own.first { $0.kind == "terminate" }
            return Account(
                price: try #require(launch.price.flatMap { Double($0) }),
                launch: try seconds(launch).rounded(.down), end: try end.map(seconds))
        }
    }

    /// EC2 reports whole seconds, and reports an end some milliseconds after it was written down,
    /// which may be in the next second. So there are a few exact sums.
    func totals(asOf moment: Date) -> Set<Double> {
        let now = moment.timeIntervalSince1970
        return [0, 1].reduce(into: []) { totals, begun in
            let sums = accounts.reduce(into: Set([0.0])) { sums, account in
                var lengths: Set<Double> = [now + begun - account.launch]
                if let end = account.end, end <= now {
                    lengths = [end, end + 0.5].reduce(into: []) {
                        $0.insert($1.rounded(.down) - account.launch)
                    }
                }
                sums = Set(
                    sums.flatMap { sum in
                        lengths.map { sum + max(60, $0) * account.price / 3600 }
                    })
            }
            totals.formUnion(sums)
        }
    }
}

extension `The farm on one machine` {
    @Test(.timeLimit(.minutes(10)))
    func `sizes itself from zero at the first tick, protects who is busy, and is zero again`()
        async throws
    {
        let farm = try LocalFarm()
        let before = try await farm.fleet { $0.isZero }
        let scene = try await farm.scene("fleet.blend", "--frames", "1-4")
        async let rendering = farm.render(scene, "--samples", "3000")
        let busy = try await farm.fleet { fleet in
            fleet.workers.count { $0.state == "rendering" && $0.lifecycle == "spot" } == 2
        }
        // The first tick that saw work asked for the whole fleet at once.
        let first = try #require(
            busy.decisions.last { $0.tasksOpen > 0 && $0.time > before.decisions[0].time })
        let row = try #require(first.groups.first { $0.lifecycle == "spot" })
        #expect(row.unitsBefore == 0 && row.unitsDesired == 2, "\(row)")
        let busyOnes = busy.workers.filter { $0.state == "rendering" }.map(\.worker)
        _ = try await farm.fleet { fleet in
            busyOnes.allSatisfy { fleet.groups[0].isProtected($0) == true }
                && fleet.decisions[0].tasksOpen > 0
        }
        let answer = try await rendering
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(try farm.frameNames().count == 4)
        let zero = try await farm.fleet { $0.isZero }
        // Every instance was ended by name: no tick reduced the group by a number.
        let rows = zero.decisions.filter { $0.time > first.time }.flatMap(\.groups)
        #expect(rows.allSatisfy { $0.unitsDesired >= $0.unitsBefore })
        #expect(Set(rows.flatMap(\.endingWorkers)) == Set(busyOnes))
        try await farm.checkCosts(of: answer.output)
    }

    @Test(.timeLimit(.minutes(12)))
    func `lets a drained worker finish its task, then ends it and shrinks by one`() async throws {
        let farm = try LocalFarm()
        _ = try await farm.fleet { $0.isZero }
        let scene = try await farm.scene("drained.blend", "--frames", "1-2")
        async let rendering = farm.render(scene, "--samples", "6000")
        let busy = try await farm.fleet { fleet in
            fleet.workers.count { $0.state == "rendering" && $0.task != nil } == 2
        }
        let drained = busy.workers[0].worker
        let answer = try await farm.command("drain", drained)
        #expect(answer.code == 0 && answer.output.contains("It finishes"), "\(answer)")
        let output = try await rendering
        #expect(output.isSuccess, "\(output.output)")
        #expect(output.output.contains(/interruptions +0 of \d+ instances, 0 tasks/))
        let job = try #require(output.output.firstMatch(of: /spotrender report ([a-z0-9-]+)/))
            .output.1
        let attempts = try await Rehearsal(farm).aws.tasks.attempts(of: JobID(String(job)))
        // Two frames and their assembly.
        #expect(attempts.count == 3 && attempts.allSatisfy { $0.outcome == .succeeded })
        #expect(attempts.contains { $0.worker.rawValue == drained })
        // Waits for the tick after its end, which sees the size.
        let gone = try await farm.fleet { fleet in
            fleet.groups[0].isProtected(drained) == nil
                && fleet.decisions[0].groups.allSatisfy { !$0.endingWorkers.contains(drained) }
        }
        let rows = gone.decisions.reversed().flatMap(\.groups).filter { $0.lifecycle == "spot" }
        let end = try #require(rows.firstIndex { $0.endingWorkers.contains(drained) })
        try #require(end + 1 < rows.count)
        #expect(
            rows[end + 1].unitsBefore
                == rows[end].unitsDesired - rows[end].endingWorkers.count)
    }

    @Test func `answers an event by hand, and names what is missing without a farm`() async throws {
        let farm = try LocalFarm()
        // `-o package`: the farm was started with the programs in dist/.
        let invoke = "make -s -o package invoke FN=fleet-scaler EVENT=events/schedule.json"
        let logs = "AWS_LAMBDA_LOG_FORMAT=JSON AWS_LAMBDA_LOG_LEVEL=ERROR"
        var output = ""
        // The answer is `null` if the schedule ran at the same moment.
        for _ in 0..<10 where !output.contains("tasksOpen") {
            let answer = try await farm.run(
                "/bin/sh", ["-c", ". \"$1\"; \(logs) \(invoke)", "sh", "\(farm.state)/env.sh"])
            try #require(answer.isSuccess, "\(answer.output)")
            output = answer.output
        }
        #expect(output.contains(#""lifecycle":"on-demand""#), "\(output)")
        // Metrics are printed at any log level, other lines are not.
        #expect(output.contains(#""Namespace":"Spotrender""#), "\(output)")
        #expect(!output.contains("sized the fleet"), "\(output)")

        let path = try #require(ProcessInfo.processInfo.environment["PATH"])
        let lost = try await farm.run("/usr/bin/env", ["-i", "PATH=\(path)", "sh", "-c", invoke])
        #expect(!lost.isSuccess)
        #expect(lost.output.contains("Not set: SPOTRENDER_TABLE"), "\(lost.output)")
        #expect(lost.output.contains(". .spotrender/local/env.sh"), "\(lost.output)")
    }

    @Test(.timeLimit(.minutes(10)))
    func `renders On-Demand when EC2 has no Spot capacity`() async throws {
        let farm = try LocalFarm()
        _ = try await farm.fleet { $0.isZero }
        #expect(try await farm.local("refuse", "--for", "600").isSuccess)
        let scene = try await farm.scene("refused.blend", "--frames", "1-2")
        async let rendering = farm.render(scene)
        let helped = try await farm.fleet { fleet in
            fleet.workers.contains { $0.lifecycle == "on-demand" }
        }
        #expect(helped.workers.allSatisfy { $0.lifecycle == "on-demand" })
        #expect(helped.capacityShortages.contains { $0.lifecycle == "spot" })
        let reasons = helped.decisions.flatMap(\.groups)
            .filter { $0.unitsDesired > $0.unitsBefore }.map(\.reason)
        #expect(reasons.contains { $0.contains("Spot has been short") }, "\(reasons)")
        let answer = try await rendering
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(try await farm.local("refuse", "--for", "0").isSuccess)
        try await farm.checkCosts(of: answer.output)
    }
}
