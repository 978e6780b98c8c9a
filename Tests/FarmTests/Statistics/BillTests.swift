import Farm
import FarmTesting
import Testing

/// A second bill, computed by the second and in binary. The real bill must equal it.
private enum NaiveBill {
    static func dollars(_ instance: LedgerInstance, isFirstHourFree: Bool) -> Double {
        let milliseconds = instance.end - instance.launched
        var seconds: Int64 = 0
        while seconds * 1000 < milliseconds || seconds < 60 { seconds += 1 }
        if isFirstHourFree, instance.isReclaimed, instance.lifecycle == .spot,
            milliseconds < 3_600_000
        {
            return 0
        }
        var sum = 0.0
        for second in 0..<seconds {
            let hourStart = instance.launched + (second / 3600) * 3_600_000
            var price = instance.prices[0].dollars
            for step in instance.prices where step.time <= hourStart { price = step.dollars }
            sum += price / 3600
        }
        return sum
    }

    static func disk(_ instance: LedgerInstance) -> Double {
        let seconds = max(60, ((instance.end - instance.launched) + 999) / 1000)
        return 0.08 * Double(instance.diskGiB ?? 0) * Double(seconds) / (30 * 86_400)
    }

    static func requests(_ instances: [LedgerInstance]) -> Double {
        let attempts = instances.flatMap(\.attempts)
        let puts = attempts.reduce(0) {
            $0 + ($1.report?.frameCount ?? 0) + ($1.report?.logKey == nil ? 0 : 1)
        }
        return Double(puts) * 0.000005 + Double(attempts.count) * (7 * 0.625e-6 + 3 * 0.4e-6)
    }
}

@Suite struct `A bill` {
    private func chance(_ seed: UInt64) -> [LedgerInstance] {
        var random = SeededGenerator(seed: seed)
        return (0..<Int.random(in: 1...6, using: &random)).map { number in
            let launched = Int64.random(in: 0...4_000_000, using: &random)
            let life = Int64.random(
                in: 1...(Bool.random(using: &random) ? 90_000 : 9_000_000), using: &random)
            let onDemand = Int.random(in: 0...4, using: &random) == 0
            var prices = [(time: launched - 50_000, dollars: 0.308)]
            if !onDemand {
                for time in stride(from: Int64(-700_000), to: life, by: 1_300_000) {
                    let price = Double(Int.random(in: 1...40_000, using: &random)) / 10_000
                    prices.append((launched + time, price))
                }
                prices.removeFirst()
            }
            var instance = LedgerInstance(
                name: "i-\(number)", lifecycle: onDemand ? .onDemand : .spot, launched: launched,
                booted: launched + min(life, 5_000), end: launched + life,
                isReclaimed: Bool.random(using: &random), prices: prices,
                diskGiB: Bool.random(using: &random) ? 40 : nil)
            var at = instance.booted
            for _ in 0..<Int.random(in: 1...5, using: &random) where at < instance.end {
                let end = min(instance.end, at + .random(in: 0...900_000, using: &random))
                instance.attempts.append(
                    LedgerAttempt(
                        job: Bool.random(using: &random) ? "film-1" : "film-2", start: at, end: end,
                        report: RenderReport(
                            frameCount: Int.random(in: 0...4, using: &random),
                            logKey: Bool.random(using: &random) ? "log" : nil)))
                at = end
            }
            if instance.attempts.isEmpty {
                instance.attempts = [LedgerAttempt(start: instance.end, end: instance.end)]
            }
            return instance
        }
    }

    @Test(arguments: [true, false])
    func `equals a naive bill by the second over random ledgers, to a millionth of a dollar`(
        _ isFirstHourFree: Bool
    ) throws {
        for seed in UInt64(1)...60 {
            let instances = chance(seed)
            let report = try ledgerReport(
                instances, jobs: ["film-1", "film-2"],
                rules: BillingRules(isFirstHourFree: isFirstHourFree))
            let compute = instances.reduce(0) {
                $0 + NaiveBill.dollars($1, isFirstHourFree: isFirstHourFree)
            }
            let rest =
                instances.reduce(0) { $0 + NaiveBill.disk($1) } + NaiveBill.requests(instances)
            #expect(abs(report.bill.instances / .dollar - compute) < 1e-6, "seed \(seed)")
            #expect(abs(report.bill.total / .dollar - compute - rest) < 1e-6, "seed \(seed)")
        }
    }

    @Test func `is the sum of its jobs' parts, to the billionth`() throws {
        for seed in UInt64(1)...60 {
            let report = try ledgerReport(chance(seed), jobs: ["film-1", "film-2"])
            let parts = report.runs.map(\.bill.instances).sum
            #expect(parts == report.bill.instances, "seed \(seed)")
            let alone = try ["film-1", "film-2"].map {
                try ledgerReport(chance(seed), jobs: [$0]).bill.instances
            }
            #expect(alone.sum == report.bill.instances, "seed \(seed)")
        }
    }

    private func life(
        _ milliseconds: Int64, _ prices: [(time: Int64, dollars: Double)] = [(0, 0.36)],
        reclaimed: Bool = false, _ lifecycle: WorkerRecord.Lifecycle = .spot
    ) -> InstanceLife {
        let instance = LedgerInstance(
            name: "i", lifecycle: lifecycle, end: milliseconds, isReclaimed: reclaimed,
            prices: prices)
        return InstanceLife(
            instance.worker, notices: instance.notices, attempts: [],
            now: .testStart + .seconds(100_000))
    }

    @Test(arguments: [(1, 60), (60_000, 60), (60_001, 61), (61_000, 61), (3_599_001, 3600)])
    func `counts started seconds, at least a minute`(_ life: Int64, _ seconds: Int64) {
        #expect(BillingRules().seconds(of: self.life(life)) == seconds)
    }

    @Test func `charges for each hour of an instance the price at its beginning`() throws {
        // The change in the middle of the first hour counts from the second hour on.
        let life = life(5_400_000, [(-1, 0.36), (1_800_000, 0.72), (3_600_001, 9)])
        #expect(BillingRules().charge(life) == Money(decimal: "0.72"))
    }

    @Test func `is free when EC2 reclaims the instance in its first hour`() {
        let hour: Int64 = 3_600_000
        let rules = BillingRules()
        #expect(rules.refund(life(hour - 1, reclaimed: true)) == Money(decimal: "0.36"))
        #expect(rules.refund(life(hour, reclaimed: true)) == .zero)
        #expect(rules.refund(life(hour - 1)) == .zero)
        #expect(rules.refund(life(hour - 1, reclaimed: true, .onDemand)) == .zero)
        let strict = BillingRules(isFirstHourFree: false)
        #expect(strict.refund(life(hour - 1, reclaimed: true)) == .zero)
    }

    @Test func `counts the instances without a price`() throws {
        let report = try ledgerReport([
            LedgerInstance(
                name: "i-1", type: "x9.nano", end: 60_000, prices: [],
                attempts: [LedgerAttempt(start: 0, end: 10)])
        ])
        #expect(report.bill.unpricedCount == 1)
        #expect(report.bill.unlistedCount == 1)
        #expect(report.bill.saving == nil)
        #expect(report.bill.instances == .zero)
    }
}
