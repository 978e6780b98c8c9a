import Farm
import FarmTesting
import Testing

/// Runs of one scene with different numbers of instances.
@Suite struct `A study` {
    /// `count` instances that render ten frames each.
    private func fleet(
        _ job: String, _ count: Int, _ lifecycle: WorkerRecord.Lifecycle, dollars: Double,
        from start: Int64 = 0, seconds: Int64 = 3600
    ) -> [LedgerInstance] {
        (1...count).map { number in
            LedgerInstance(
                name: "\(job)-\(number)", lifecycle: lifecycle, launched: start,
                end: start + seconds * 1000, prices: [(0, dollars)],
                attempts: [
                    LedgerAttempt(
                        job: job, start: start, end: start + seconds * 1000,
                        report: RenderReport(frameCount: 10))
                ])
        }
    }

    @Test func `compares scale-up, efficiency and cost of runs on three and ten instances`() throws
    {
        let instances =
            fleet("spot-10", 10, .spot, dollars: 0.1) + fleet("spot-3", 3, .spot, dollars: 0.1)
            + fleet("plain-3", 3, .onDemand, dollars: 0.4)
            + fleet("plain-10", 10, .onDemand, dollars: 0.4)
        let jobs = ["spot-10", "spot-3", "plain-3", "plain-10"]
        let rows = try ledgerReport(instances, jobs: jobs).study.rows
        #expect(rows.map(\.index) == [1, 2, 0, 3])
        #expect(rows.map(\.run.peakInstances) == [3, 3, 10, 10])
        #expect(rows.map(\.market) == [.spot, .onDemand, .spot, .onDemand])
        // All runs took the same hour, so frames are proportional to instances.
        for (row, scale) in zip(rows, [1, 1, 10.0 / 3, 10.0 / 3]) {
            #expect(abs(row.scaleUp - scale) < 1e-9 && abs(row.efficiency - 1) < 1e-9)
        }
        let savings = rows.map(\.saving)
        #expect(savings[1] == nil && savings[3] == nil)
        #expect(abs(try #require(savings[0]) - 0.75) < 1e-9)
        #expect(abs(try #require(savings[2]) - 0.75) < 1e-9)
    }

    @Test func `counts instances at one time, without the replacements of lost ones`() throws {
        let early = fleet("a", 2, .spot, dollars: 0.1, seconds: 600)
        var late = fleet("a", 1, .spot, dollars: 0.1, from: 700_000, seconds: 600)
        late[0].name = "a-3"
        let run = try #require(ledgerReport(early + late, jobs: ["a"]).runs.first)
        #expect(run.peakInstances == 2 && run.spotInstanceCount == 3)
    }

    @Test func `compares no run with itself, and no run without a frame`() throws {
        var idle = fleet("b", 1, .spot, dollars: 0.1)
        idle[0].attempts[0].report = nil
        let report = try ledgerReport(
            fleet("a", 2, .spot, dollars: 0.1) + idle, jobs: ["a", "b"])
        #expect(report.study.rows.isEmpty)
    }
}
