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

    private var lease = LeaseTerms()

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
            worker, notices: notices, attempts: attempts?.attempts(&number) ?? [], lease: lease,
            now: Self.now)
    }

    private func expect(_ life: InstanceLife, _ ending: InstanceLife.Status, at seconds: Int) {
        #expect(life.status == ending)
        #expect(life.end == .testStart + .seconds(seconds))
    }

    @Test func `ends at the most reliable known time`() {
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

    @Test func `is over when a lease ran out after its last report`() {
        expect(life(seen: 900, [], expired: 960), .lost, at: 900)
        expect(life(seen: 970, [], expired: 960), .running, at: 1000)
        // Auto Scaling finds it dead and replaces it: this notice came after its end.
        let replaced = notice(.scaleIn, .lifecycleHook, at: 930)
        expect(life(seen: 900, [replaced], expired: 960), .lost, at: 900)
        let told = notice(.shutdown, .stateChange, at: 970)
        expect(life(seen: 900, [replaced, told], expired: 960), .lost, at: 970)
        // Its task was requeued between its last report and that notice.
        let unnotified = life(seen: 900, [replaced, told], expired: 960)
        #expect(unnotified.lastWord == .testStart + .seconds(900))
    }

    @Test func `continues while its worker is silent for less than two leases`() {
        expect(life(seen: 765, []), .running, at: 1000)
        expect(life(seen: 755, []), .lost, at: 755)
        // A lease of an hour is renewed, and its worker reports, every 15 minutes.
        var hour = self
        hour.lease = LeaseTerms(lasting: .seconds(3600))
        expect(hour.life(seen: 110, []), .running, at: 1000)
        expect(hour.life(seen: 110, gone: 900, []), .ended, at: 900)
    }

    @Test func `continues until the deadline of a notice`() {
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

    @Test func `shows how the time was used`() throws {
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

    @Test func `separates the overhead of slices from their samples`() throws {
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
        // EC2 reclaimed it in its first hour: it is free and saves the whole On-Demand price.
        #expect(run.bill.instances == .zero)
        #expect(run.bill.saving == 1)
        #expect(abs(run.meanInstancesAtWork - 150.0 / 3600) < 1e-9)
    }

    @Test func `counts each stored frame of a job once, in the report of any attempt or in none`()
        throws
    {
        // The handler requeued task 1 while its worker stored the last of the ten frames.
        func rendered(_ count: Int) -> RenderReport {
            RenderReport(frameCount: count, frameMilliseconds: Array(repeating: 1, count: count))
        }
        let expired = LedgerInstance(
            name: "i-1", end: 100_000, prices: [(0, 0.36)],
            attempts: [LedgerAttempt(start: 0, end: 50_000, outcome: LedgerAttempt.interrupted)])
        let next = LedgerInstance(
            name: "i-2", type: "m5.2xlarge", end: 200_000, prices: [(0, 0.36)],
            attempts: [
                LedgerAttempt(
                    task: 1, token: 2, start: 60_000, end: 90_000,
                    report: rendered(9)),
                LedgerAttempt(
                    task: 2, start: 90_000, end: 99_000,
                    report: rendered(10)),
                // An open task: its frames count as they are reported.
                LedgerAttempt(
                    task: 3, start: 100_000, end: 110_000, outcome: LedgerAttempt.interrupted,
                    report: rendered(1)),
                LedgerAttempt(
                    task: 3, token: 2, start: 110_000, end: 120_000,
                    outcome: LedgerAttempt.interrupted),
            ])
        let report = try ledgerReport([expired, next])
        let run = try #require(report.runs.first)
        #expect(run.frameCount == 21 && run.measuredFrameCount == 20)
        #expect(abs(run.framesPerHour - 21) < 1e-9)
        let types = report.kinds.filter { $0.kind == .type }
        #expect(types.map(\.frameCount) == [1, 20])
        #expect(types.map(\.spotPerFrame) == ["0.01", "0.001"])
        #expect(report.bill.lines.first { $0.item == .puts }?.count == 21)
    }

    @Test func `counts a frame of several tasks once`() throws {
        let frames = try FrameRange(first: 1, last: 2)
        var job = Job(
            id: JobID("film-1"),
            source: SceneObject(
                bucket: "in", key: "film.blend", version: nil, entityTag: "e", byteCount: 1),
            settings: RenderSettings(
                scene: "Scene", frames: frames, engine: .cycles,
                resolution: Resolution(width: 64, height: 36), format: .png),
            chunk: 1, taskCount: 4, created: .testStart,
            terms: JobTerms(slices: SliceTerms(shares: 2)), state: .rendering)
        var number = 0
        // Both workers of frame 1 merged it. Nobody has reported frame 2.
        let merged = RenderReport(frameCount: 1)
        let attempts = LedgerInstance(
            name: "i-1", end: 100_000, prices: [],
            attempts: [
                LedgerAttempt(task: 1, start: 0, end: 10, report: merged),
                LedgerAttempt(task: 2, start: 0, end: 10, report: merged),
                LedgerAttempt(task: 3, start: 10, end: 20, report: RenderReport()),
            ]
        ).attempts(&number)
        #expect(StoredFrames([job], attempts).count(of: job.id) == 1)
        // One of frame 2's workers found it stored and counted it.
        job = Job(
            id: job.id, source: job.source, settings: job.settings, chunk: 1, taskCount: 4,
            created: .testStart, terms: job.terms, state: .rendering,
            tally: JobTally(succeeded: 3, frames: 2))
        #expect(StoredFrames([job], attempts).count(of: job.id) == 2)
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

    @Test func `has figures by type, family and size`() throws {
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

    @Test func `finds reclaims and their kind of notice in the records alone`() throws {
        var lost = Self.instance
        lost.name = "i-2"
        let detection = try ledgerReport([Self.instance, lost]).detection
        #expect(detection.rows.map(\.method) == [.imds])
        #expect(detection.rows.first?.reclaimCount == 2)
        #expect(detection.rows.first?.delays == [.seconds(10), .seconds(10)])
    }

    @Test func `finds an instance without a record by its attempts`() throws {
        var number = 0
        let life = InstanceLife(WorkerID("i-1"), from: Self.instance.attempts(&number))
        #expect(life.duration == .seconds(170))
        #expect(life.prices.isEmpty)
        #expect(life.status == .ended)
    }

    @Test func `has parts that add up to an instance's time, for any attempts`() {
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
