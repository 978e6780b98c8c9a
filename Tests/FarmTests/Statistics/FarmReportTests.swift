import Farm
import FarmTesting
import Testing

@Suite struct `An instance's life` {
    private static let now = Timestamp.testStart + .seconds(1000)

    private func notice(
        _ cause: Interruption.Cause, _ path: Interruption.Path, at seconds: Int,
        deadline: Int? = nil
    ) -> NoticeRecord {
        NoticeRecord(
            worker: WorkerID("i"), .end(cause), by: path, at: .testStart + .seconds(seconds),
            deadline: deadline.map { .testStart + .seconds($0) })
    }

    private func life(
        seen: Int, gone: Int? = nil, _ notices: [NoticeRecord], expired: Int? = nil
    ) -> InstanceLife {
        var worker = WorkerRecord(
            id: WorkerID("i"), pool: Pool(instanceType: "c5a.large", zone: "us-east-1a"),
            lifecycle: .spot, state: .idle, seen: .testStart + .seconds(seen), booted: .testStart)
        if let gone { worker.apply(.end, at: .testStart + .seconds(gone)) }
        let attempts = expired.map {
            LedgerInstance(
                name: "i", end: 0, prices: [],
                attempts: [LedgerAttempt(start: 0, end: Int64($0) * 1000, outcome: .expired)])
        }
        var number = 0
        return InstanceLife(
            worker, notices: notices, attempts: attempts?.attempts(&number) ?? [], now: Self.now)
    }

    private func expect(_ life: InstanceLife, _ ending: InstanceLife.Ending, at seconds: Int) {
        #expect(life.ending == ending)
        #expect(life.end == .testStart + .seconds(seconds))
    }

    @Test func `ends as it is known best`() {
        let reclaim = notice(.spotTerminate, .instanceMetadata, at: 300, deadline: 420)
        let told = notice(.shutdown, .stateChange, at: 425)
        expect(life(seen: 990, []), .running, at: 1000)
        expect(life(seen: 410, [reclaim, told]), .reclaimed, at: 425)
        expect(life(seen: 410, [told]), .ended, at: 425)
        expect(life(seen: 410, [reclaim]), .reclaimed, at: 420)
        expect(life(seen: 410, gone: 415, []), .ended, at: 415)
        expect(life(seen: 410, gone: 415, [reclaim]), .reclaimed, at: 415)
        expect(life(seen: 410, []), .lost, at: 410)
        expect(life(seen: 410, gone: 650, []), .lost, at: 650)
        expect(life(seen: 410, gone: 650, [told]), .ended, at: 425)
        expect(life(seen: 410, [notice(.scaleIn, .lifecycleHook, at: 405)]), .ended, at: 410)
    }

    @Test func `is over when a lease ran out after its last word`() {
        expect(life(seen: 900, [], expired: 960), .lost, at: 900)
        expect(life(seen: 970, [], expired: 960), .running, at: 1000)
        // Auto Scaling finds it dead and replaces it: told after it was gone.
        let replaced = notice(.scaleIn, .lifecycleHook, at: 930)
        expect(life(seen: 900, [replaced], expired: 960), .lost, at: 900)
        let told = notice(.shutdown, .stateChange, at: 970)
        expect(life(seen: 900, [replaced, told], expired: 960), .lost, at: 970)
        // Its task was handed on between its last word and that.
        let unnotified = life(seen: 900, [replaced, told], expired: 960)
        #expect(unnotified.lastWord == .testStart + .seconds(900))
    }

    @Test func `goes on until the deadline of a notice`() {
        let notice = notice(.spotTerminate, .eventBridge, at: 950, deadline: 1070)
        expect(life(seen: 990, [notice]), .running, at: 1000)
    }
}

@Suite struct `A report` {
    private static let rendered = RenderReport(
        frameCount: 2, renderMilliseconds: 50_000, fetchMilliseconds: 2_000,
        openMilliseconds: 8_000, frameMilliseconds: [20_000, 22_000], logKey: "log")

    /// Ten seconds of boot, an attempt of a minute, idle, an interrupted one, drain.
    private static let instance = LedgerInstance(
        name: "i-1", launched: 0, booted: 10_000, end: 300_000, isReclaimed: true,
        prices: [(0, 0.36)],
        attempts: [
            LedgerAttempt(start: 20_000, end: 80_000, report: rendered),
            LedgerAttempt(
                start: 100_000, end: 190_000, outcome: LedgerAttempt.interrupted,
                report: RenderReport(
                    frameCount: 1, renderMilliseconds: 40_000, fetchMilliseconds: 1_000,
                    openMilliseconds: 9_000, frameMilliseconds: [31_000])),
        ])

    @Test func `tells where the time went`() throws {
        let time = try ledgerReport([Self.instance]).time
        let seconds: [TimeUse.Part: Int] = [
            .boot: 10, .idle: 10 + 20, .sceneLoad: 10 + 10, .useful: 42 + 31, .storing: 8,
            .lost: 90 - 10 - 31, .drain: 110, .failed: 0, .slices: 0,
        ]
        for part in TimeUse.Part.allCases {
            #expect(time[part] == .seconds(seconds[part] ?? -1), "\(part)")
        }
        #expect(time.total == .seconds(300))
        #expect(try abs(#require(time.goodput) - 73.0 / 300) < 1e-9)
        #expect(time.unreportedCount == 0)
    }

    @Test func `tells apart what slices cost beside their samples`() throws {
        var report = RenderReport(
            frameCount: 1, renderMilliseconds: 40_000, openMilliseconds: 10_000,
            slicing: SlicingReport(
                decision: .slices(nil, .none), sliceCount: 3, sampleCount: 64, frameSamples: 64,
                storeMilliseconds: 4_000, mergeMilliseconds: 2_000))
        report.fetchMilliseconds = 1_000
        let time = try ledgerReport([
            LedgerInstance(
                name: "i-1", end: 50_000, prices: [(0, 0.36)],
                attempts: [LedgerAttempt(start: 0, end: 50_000, report: report)])
        ]).time
        #expect(time[.sceneLoad] == .seconds(11) && time[.useful] == .seconds(30))
        #expect(time[.slices] == .seconds(6) && time[.storing] == .seconds(3))
    }

    @Test func `has a row for each run`() throws {
        let run = try #require(ledgerReport([Self.instance]).runs.first)
        #expect(run.name == "film-1.blend")
        #expect(run.frameCount == 3)
        #expect(run.frameMean == .milliseconds(24_333))
        #expect(run.frameP95 == .seconds(31))
        #expect(abs(run.framesPerHour - 3) < 1e-9)
        #expect(run.interruptionCount == 1)
        #expect(run.requeueCount == 1)
        #expect(run.wall == .seconds(3600))
        // Reclaimed in its first hour: free, and all of On-Demand's price is saved.
        #expect(run.bill.instances == .zero)
        #expect(run.bill.saving == 1)
        #expect(abs(run.meanInstancesAtWork - 150.0 / 3600) < 1e-9)
    }

    @Test func `divides an instance among jobs by the time it was leased to them`() throws {
        var shared = Self.instance
        shared.isReclaimed = false
        shared.attempts[1].job = "film-2"
        shared.attempts[1].outcome = .succeeded
        let both = try ledgerReport([shared], jobs: ["film-1", "film-2"])
        #expect(both.bill.instances == Money(decimal: "0.03"))
        #expect(
            both.runs.map(\.bill.instances) == [Money(decimal: "0.012"), Money(decimal: "0.018")])
        #expect(both.sharedCount == 0)
        let one = try ledgerReport([shared], jobs: ["film-2"])
        #expect(one.bill.instances == Money(decimal: "0.018"))
        #expect(one.sharedCount == 1)
        #expect(one.instanceTime == .seconds(180))
        // Its own attempt, and its part of boot and idle time.
        #expect(one.time.total == .seconds(90 + 90))
    }

    @Test func `counts by type, family and size, and names what rates are of`() throws {
        var other = Self.instance
        other.name = "i-2"
        other.type = "m5.2xlarge"
        other.isReclaimed = false
        var onDemand = other
        onDemand.name = "i-3"
        onDemand.lifecycle = .onDemand
        let kinds = try ledgerReport([Self.instance, other, onDemand]).kinds
        #expect(kinds.map(\.name) == ["c5a.2xlarge", "m5.2xlarge", "c5a", "m5", "2xlarge"])
        let size = try #require(kinds.last)
        #expect(size.instanceCount == 3)
        #expect(size.frameCount == 9)
        #expect(size.interruptionCount == 1)
        #expect(size.instanceTime == .seconds(900))
        #expect(size.spotTime == .seconds(600))
        #expect(try abs(#require(size.interruptionsPer100Hours) - 600) < 1e-9)
        // 0.36 an hour for five minutes and six frames; the reclaimed one was free.
        #expect(size.spotPerFrame == Money(decimal: "0.005"))
        #expect(try abs(#require(size.secondsPerFrame) - 73.0 / 3) < 1e-9)
    }

    @Test func `knows reclaims and how they were told from the records alone`() throws {
        var lost = Self.instance
        lost.name = "i-2"
        let detection = try ledgerReport([Self.instance, lost]).detection
        #expect(detection.rows.map(\.method) == [.imds])
        #expect(detection.rows.first?.reclaimCount == 2)
        #expect(detection.rows.first?.delays == [.seconds(10), .seconds(10)])
    }

    @Test func `knows an instance without a record by its attempts`() throws {
        var number = 0
        let life = InstanceLife(WorkerID("i-1"), from: Self.instance.attempts(&number))
        #expect(life.duration == .seconds(170))
        #expect(life.prices.isEmpty)
        #expect(life.ending == .ended)
    }

    @Test func `adds up an instance's time for any attempts`() {
        var random = SeededGenerator(seed: 9)
        for seed in 0..<200 {
            let end = Int64.random(in: 1...10_000, using: &random)
            var instance = LedgerInstance(
                name: "i", booted: .random(in: 0...12_000, using: &random), end: end,
                isReclaimed: Bool.random(using: &random), prices: [])
            instance.attempts = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                let start = Int64.random(in: -100...11_000, using: &random)
                return LedgerAttempt(
                    start: start, end: start + .random(in: 0...4_000, using: &random),
                    outcome: Bool.random(using: &random) ? .expired : .succeeded,
                    report: RenderReport(
                        frameCount: 1,
                        renderMilliseconds: .random(in: 0...5_000, using: &random),
                        fetchMilliseconds: .random(in: 0...500, using: &random),
                        openMilliseconds: .random(in: 0...500, using: &random)))
            }
            var number = 0
            let life = InstanceLife(
                instance.worker, notices: instance.notices, attempts: [],
                now: .testStart + .seconds(100))
            let time = TimeUse(
                life, attempts: instance.attempts(&number), of: [JobID("film-1")], share: .all)
            #expect(time.total == life.duration, "\(seed)")
        }
    }
}
