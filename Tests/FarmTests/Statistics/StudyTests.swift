import Farm
import FarmTesting
import Testing

/// Runs of one scene with different numbers of instances.
@Suite struct `A study` {
    /// `count` instances that render ten frames each.
    private func fleet(
        _ job: String, _ count: Int, _ lifecycle: WorkerRecord.Lifecycle,
        during times: Range<Int64> = 0..<3_600_000
    ) -> [LedgerInstance] {
        (1...count).map { number in
            LedgerInstance(
                name: "\(job)-\(number)", lifecycle: lifecycle, launched: times.lowerBound,
                end: times.upperBound, prices: [(0, lifecycle == .spot ? 0.1 : 0.4)],
                attempts: [
                    LedgerAttempt(
                        job: job, start: times.lowerBound, end: times.upperBound,
                        report: RenderReport(frameCount: 10))
                ])
        }
    }

    @Test func `compares scale-up, efficiency and cost of runs on three and ten instances`() throws
    {
        let instances =
            fleet("spot-10", 10, .spot) + fleet("spot-3", 3, .spot)
            + fleet("plain-3", 3, .onDemand)
            + fleet("plain-10", 10, .onDemand)
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
        let early = fleet("a", 2, .spot, during: 0..<600_000)
        var late = fleet("a", 1, .spot, during: 700_000..<1_300_000)
        late[0].name = "a-3"
        let run = try #require(ledgerReport(early + late, jobs: ["a"]).runs.first)
        #expect(run.peakInstances == 2 && run.spotInstanceCount == 3)
    }

    @Test func `compares no run with itself, and no run without a frame`() throws {
        var idle = fleet("b", 1, .spot)
        idle[0].attempts[0].report = nil
        let report = try ledgerReport(
            fleet("a", 2, .spot) + idle, jobs: ["a", "b"])
        #expect(report.study.rows.isEmpty)
    }
}
