import Farm
import FarmTesting
import Testing

private let start = Timestamp.testStart
private let job = JobID("film-1a2b3c4d")

private func task(_ number: Int) -> TaskID { TaskID(job: job, number: number) }

private func attempt(
    _ number: Int, by worker: String, _ times: ClosedRange<Int64>, _ outcome: Attempt.Outcome
) -> Attempt {
    let begin = start + .milliseconds(times.lowerBound)
    return Attempt(
        task: task(number), token: FencingToken(1),
        lease: Lease(
            worker: WorkerID(worker), pool: Pool(instanceType: "c5a.2xlarge", zone: "a"),
            start: begin, until: begin + .seconds(30)),
        end: start + .milliseconds(times.upperBound), outcome: outcome, report: nil)
}

private func reclaim(
    _ worker: String, _ method: DetectionStatistics.Method, at moment: Int64 = 0
) -> DetectionStatistics.Reclaim {
    DetectionStatistics.Reclaim(
        worker: WorkerID(worker), method: method, time: start + .milliseconds(moment))
}

private func notice(
    _ worker: String, by path: Interruption.Path, _ response: NoticeRecord.Response,
    lost: Duration? = nil
) -> NoticeRecord {
    NoticeRecord(
        worker: WorkerID(worker), .end(.spotTerminate), by: path, at: start, deadline: nil,
        responses: [response], framesFinished: response.action == .finished ? 2 : 0, lost: lost)
}

private let interrupted = Attempt.Outcome.interrupted(
    Interruption(.spotTerminate, by: .instanceMetadata))

@Suite struct `Detection` {
    @Test func `is measured from the announcement until the message is sent`() throws {
        let statistics = DetectionStatistics(
            reclaims: [reclaim("i-a", .imds, at: 1_000)],
            notices: [
                notice(
                    "i-a", by: .instanceMetadata,
                    .init(task(1), .handedBack, visible: start + .milliseconds(2_750)),
                    lost: .milliseconds(640))
            ],
            attempts: [attempt(1, by: "i-a", 0...2_700, interrupted)])
        let row = try #require(statistics.rows.first)
        #expect(statistics.rows.count == 1 && row.method == .imds && row.reclaimCount == 1)
        #expect(row.delays == [.milliseconds(1_750)])
        #expect(row.lost == .milliseconds(640) && row.unreportedCount == 0)
    }

    @Test func `ends with the requeue and bounds the loss when no worker reported`() throws {
        let statistics = DetectionStatistics(
            reclaims: [reclaim("i-a", .kill, at: 4_000), reclaim("i-b", .eventBridge)],
            notices: [
                notice(
                    "i-b", by: .eventBridge,
                    .init(task(2), .handedBack, visible: start + .milliseconds(3_200)))
            ],
            attempts: [
                attempt(1, by: "i-a", 1_000...33_000, .expired),
                attempt(2, by: "i-b", -5_000...3_100, interrupted),
            ])
        #expect(statistics.rows.map(\.method) == [.eventBridge, .kill])
        #expect(statistics.rows.map(\.delays) == [[.milliseconds(3_200)], [.seconds(29)]])
        #expect(statistics.rows.map(\.lost) == [.milliseconds(8_100), .seconds(3)])
        #expect(statistics.rows.map(\.unreportedCount) == [1, 1])
    }

    @Test func `counts frames that fitted, and no delay for their task`() throws {
        let statistics = DetectionStatistics(
            reclaims: [reclaim("i-a", .both), reclaim("i-b", .both)],
            notices: [
                notice("i-a", by: .eventBridge, .init(task(1), .left)),
                notice(
                    "i-a", by: .instanceMetadata, .init(task(1), .finished), lost: .zero),
            ],
            attempts: [attempt(1, by: "i-a", -100...900, .succeeded)])
        let row = try #require(statistics.rows.first)
        #expect(row.reclaimCount == 2 && row.framesFinished == 2)
        #expect(row.delays.isEmpty && row.delay(percentile: 50) == nil)
        #expect(row.lost == .zero)
    }

    /// The same task twice on one instance: only the attempt that ended after the announcement
    /// counts.
    @Test func `leaves out attempts that ended before, and those of other workers`() throws {
        let statistics = DetectionStatistics(
            reclaims: [reclaim("i-a", .imds, at: 5_000)],
            notices: [
                notice(
                    "i-a", by: .instanceMetadata,
                    .init(task(1), .handedBack, visible: start + .milliseconds(7_010)),
                    lost: .seconds(1))
            ],
            attempts: [
                attempt(1, by: "i-a", 0...2_000, .expired),
                attempt(1, by: "i-a", 3_000...7_000, interrupted),
                attempt(2, by: "i-b", 3_000...7_000, interrupted),
            ])
        #expect(statistics.rows.map(\.delays) == [[.milliseconds(2_010)]])
    }

    @Test(arguments: [
        (1, [50: 1, 95: 1, 99: 1]), (2, [50: 1, 95: 2]), (20, [50: 10, 95: 19, 99: 20]),
        (30, [50: 15, 95: 29, 99: 30]), (100, [1: 1, 50: 50, 95: 95, 99: 99, 100: 100]),
    ])
    func `has percentiles by nearest rank`(_ count: Int, _ ranks: [Int: Int]) throws {
        // The longest first: the row sorts them.
        let attempts = (1...count).reversed().map { number in
            attempt(number, by: "i-\(number)", -1...Int64(number) * 1000, interrupted)
        }
        let row = try #require(
            DetectionStatistics(
                reclaims: (1...count).map { reclaim("i-\($0)", .imds) }, notices: [],
                attempts: attempts
            ).rows.first)
        for (percent, rank) in ranks {
            #expect(row.delay(percentile: percent) == .seconds(rank))
        }
    }
}
