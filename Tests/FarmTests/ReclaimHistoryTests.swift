import Farm
import FarmTesting
import Testing

private let pool = Pool(instanceType: "m7i.large", zone: "us-east-1a")
private let otherPool = Pool(instanceType: "c7i.large", zone: "us-east-1b")

private func hours(_ hours: Double) -> Timestamp {
    .testStart + .milliseconds(Int64(hours * 3_600_000))
}

private func worker(
    _ name: String, in pool: Pool = pool, _ lifecycle: WorkerRecord.Lifecycle = .spot
) -> WorkerRecord {
    WorkerRecord(
        id: WorkerID(name), pool: pool, lifecycle: lifecycle, state: .rendering, seen: hours(0))
}

private func life(
    _ worker: WorkerRecord, until end: Timestamp, _ status: InstanceLife.Status
) -> InstanceLife {
    InstanceLife(
        worker: worker.id, pool: worker.pool, lifecycle: worker.lifecycle,
        launched: worker.launched, booted: worker.booted, end: end, status: status, prices: [])
}

@Suite struct `The reclaim history` {
    @Test func `counts each instance's time, however often it is read, and its end once`() throws {
        var history = ReclaimHistory()
        let (one, two) = (worker("i-1"), worker("i-2"))
        history.count([one, two, worker("i-3", .onDemand)], ended: [], at: hours(0.5))
        history.count([one, two], ended: [], at: hours(0.75))
        #expect(history.ended(besides: [one]) == [two.id])
        let end = life(two, until: hours(1), .reclaimed)
        for _ in 1...2 { history.count([one], ended: [end], at: hours(1.5)) }
        let seen = try #require(history.pools[pool])
        // Events of half an hour ago count 0.2 % less.
        #expect(abs(seen.hours - 2.5) < 0.02 && seen.hours < 2.5)
        #expect(seen.reclaims == 1)
        #expect(history.watched == [one.id])
    }

    @Test(arguments: [
        (InstanceLife.Status.reclaimed, 1.0), (.lost, 1), (.ended, 0),
    ])
    func `counts a reclaim when the instance was taken away`(
        _ ending: InstanceLife.Status, _ count: Double
    ) {
        var history = ReclaimHistory()
        history.count([worker("i-1")], ended: [], at: hours(1))
        history.count([], ended: [life(worker("i-1"), until: hours(1), ending)], at: hours(1))
        #expect(history.pools[pool]?.reclaims == count)
    }

    @Test func `counts half after a week, and forgets a pool in the end`() throws {
        var history = ReclaimHistory(
            pools: [pool: .init(hours: 8, reclaims: 2)], counted: hours(0))
        history.count([], ended: [], at: hours(7 * 24))
        let seen = try #require(history.pools[pool])
        #expect(abs(seen.hours - 4) < 1e-9 && abs(seen.reclaims - 1) < 1e-9)
        history.count([], ended: [], at: hours(120 * 24))
        #expect(history.pools.isEmpty)
    }
}

@Suite struct `The rate of reclaims` {
    @Test func `is the assumed rate before a measurement, and says so`() {
        let rate = ReclaimHistory().rate(in: pool)
        #expect(rate == .assumed && rate.perHour == 0.1)
        #expect(rate.description.contains("assumed"))
    }

    /// Five hours of the prior rate, then the measured events.
    @Test func `starts with the fleet's rate for a new pool and becomes the pool's own`() {
        let fleet = ReclaimHistory(pools: [otherPool: .init(hours: 95, reclaims: 9.5)])
        #expect(abs(fleet.rate(in: pool).perHour - 0.1) < 1e-9)
        let bad = ReclaimHistory(pools: [otherPool: .init(hours: 20, reclaims: 27)])
        // (0.5 + 27) / 25
        #expect(abs(bad.rate(in: pool).perHour - 1.1) < 1e-9)
        let mixed = ReclaimHistory(pools: [
            pool: .init(hours: 1_000, reclaims: 8), otherPool: .init(hours: 20, reclaims: 27),
        ])
        #expect((0.013...0.014).contains(mixed.rate(in: pool).perHour))
        #expect((0.9...1.3).contains(mixed.rate(in: otherPool).perHour))
    }

    @Test func `shows the figures behind it`() {
        let rate = ReclaimHistory(pools: [
            pool: .init(hours: 2.5, reclaims: 1), otherPool: .init(hours: 17.5, reclaims: 2),
        ]).rate(in: pool)
        let words = rate.description
        #expect(words.contains("1.0 in 2.5 instance-hours of m7i.large/us-east-1a"), "\(words)")
        #expect(words.contains("2.0 in 17.5 instance-hours of other pools"), "\(words)")
        // (5 · (0.5 + 2) / 22.5 + 1) / 7.5
        #expect(words.hasPrefix("0.207 reclaims an hour"), "\(words)")
    }
}
