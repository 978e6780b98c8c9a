import Presentation
import Operations
import Farm
import FarmTesting
import Handlers
import Testing

private let policy = ScalingPolicy(
    turnAround: .seconds(60), assumedSecondsPerFrame: 30,
    limits: ScalingPolicy.Limits(unitsMax: 5, onDemandMax: 2))

extension TestFarm {
    @discardableResult
    fileprivate func tick() async throws -> FleetTick? {
        try await scaler(policy).tick(repairingUntil: time.now() + .seconds(40))
    }

    fileprivate func tick(with workers: any WorkerStore) async throws -> FleetTick? {
        try await ScaleFleet(
            repair: repair,
            ports: ScaleFleet.Ports(
                fleet: fleet, fleetStore: fleetStore, workers: workers, notices: notices,
                jobs: farm,
                queue: queue, announcer: announcer, time: time, publish: { _ in }),
            policy: policy,
            announce: AnnounceJobs(jobs: farm, announcer: announcer, time: time, log: log),
            log: log
        ).tick(repairingUntil: time.now() + .seconds(40))
    }

    fileprivate var desired: Int { get async throws { try await fleet.spot().desired } }

    /// Time passes, and the workers go on saying that they are there.
    fileprivate func pass(_ duration: Duration) async throws {
        try await time.sleep(for: duration)
        let now = time.now()
        for worker in try await workers.openWorkers() {
            try await workers.change(worker.id) { $0.seen = now }
        }
    }

    /// Lets the instances come that are wanted, with workers in this state.
    fileprivate func start(_ state: WorkerRecord.State) async throws -> [WorkerID] {
        precondition(state == .idle || state == .rendering, "Workers start to work.")
        let new = await fleet.start()
        for worker in new {
            let now = time.now()
            try await register(worker)
            try await workers.change(worker) {
                if state == .idle { $0.apply(.idle, at: now) }
            }
        }
        return new
    }
}

@Suite struct `A tick of the scaler` {
    @Test func `counts a paused job as no work`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 6)
        _ = try await testFarm.jobOperations.pause(job)
        try await testFarm.tick()
        #expect(try await testFarm.desired == 0)
    }

    @Test func `asks for the right size from zero, and after the grace for zero`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 6)
        try await testFarm.tick()
        #expect(try await testFarm.desired == 3)
        let workers = try await testFarm.start(.rendering)
        for task in try await testFarm.lease(6, of: job, to: workers[0]) {
            try await testFarm.operations.apply(.succeed(task.token, RenderReport()), to: task.id)
        }
        for worker in workers {
            let now = testFarm.time.now()
            try await testFarm.workers.change(worker) { $0.apply(.idle, at: now) }
        }
        try await testFarm.tick()
        #expect(try await testFarm.desired == 3)
        try await testFarm.pass(.seconds(300))
        try await testFarm.tick()
        #expect(try await testFarm.desired == 0)
        #expect(await testFarm.fleet.ended == workers)
        for worker in workers {
            #expect(try await testFarm.workers.worker(worker)?.state == .draining(.scaleIn))
        }
        // The size went down by the endings alone.
        #expect(testFarm.faults.callCount(of: .setDesired) == 1)
    }

    @Test func `counts reclaims and silent workers, each once`() async throws {
        let testFarm = TestFarm()
        let workers = ["i-reclaimed", "i-silent", "i-ended", "i-running"].map { WorkerID($0) }
        for worker in workers { try await testFarm.register(worker) }
        try await testFarm.tick()
        try await testFarm.time.sleep(for: .seconds(1800))
        let now = testFarm.time.now()
        try await testFarm.workers.change(workers[3]) { $0.seen = now }
        let ends: [(WorkerID, Interruption?)] = [
            (workers[0], Interruption(.spotTerminate, by: .eventBridge)), (workers[1], nil),
            (workers[2], Interruption(.scaleIn, by: .retirement)),
        ]
        for (worker, interruption) in ends {
            try await testFarm.workers.change(worker) { record in
                if interruption != nil { record.seen = now }
                record.apply(.end, at: now)
            }
            guard let interruption else { continue }
            try await testFarm.notices.record(
                NoticeRecord(
                    worker: worker, .end(interruption.cause), by: interruption.path, at: now,
                    deadline: nil))
        }
        for _ in 1...3 { try await testFarm.tick() }
        let history = try await testFarm.fleetStore.memory().reclaims
        let seen = try #require(history.pools[.test])
        #expect(abs(seen.reclaims - 2) < 0.01 && abs(seen.hours - 2) < 0.01, "\(seen)")
        #expect(history.watched == [workers[3]])
    }

    @Test func `writes nothing when the size is right`() async throws {
        let testFarm = TestFarm()
        try await testFarm.tick()
        #expect(testFarm.faults.callCount(of: .setDesired) == 0)
    }

    @Test func `sizes the fleet though a repair fails, and throws`() async throws {
        let testFarm = TestFarm()
        _ = try await testFarm.splitJob(frames: 6)
        testFarm.faults.breakDown(.listHeldTasks)
        try await testFarm.register(WorkerID("i-silent"))
        try await testFarm.time.sleep(for: .seconds(600))
        await #expect(throws: PortError.self) { try await testFarm.tick() }
        #expect(try await testFarm.desired == 3)
    }

    @Test func `repairs and notifies though the fleet can't be sized, and throws`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        let task = try await testFarm.lease(1, of: job, to: WorkerID("i-silent"))[0]
        _ = try await testFarm.jobOperations.cancel(try await testFarm.splitJob(frames: 1))
        try await testFarm.time.sleep(for: .seconds(600))
        testFarm.faults.breakDown(.readGroup)
        await #expect(throws: PortError.self) { try await testFarm.tick() }
        #expect(try await testFarm.farm.task(task.id)?.state == .queued)
        #expect(try await testFarm.farm.unnotifiedJobs().isEmpty)
    }

    @Test func `leaves a worker alone that has leased a task in the meantime`() async throws {
        let testFarm = TestFarm()
        let worker = WorkerID("i-1")
        try await testFarm.fleet.setDesired(1, of: .spot)
        #expect(try await testFarm.start(.idle) == [worker])
        try await testFarm.pass(.seconds(300))
        // Between the scaler's read and its write.
        let raced = RacedWorkerStore(testFarm.workers, at: .save) {
            try await testFarm.workers.change(worker) {
                $0.apply(.begin(TaskID(job: JobID("s-1"), number: 1)), at: .testStart)
            }
        }
        let tick = try await testFarm.tick(with: raced)
        #expect(tick?.rows[0].ending == [worker])
        #expect(await testFarm.fleet.ended.isEmpty)
        #expect(try await testFarm.workers.worker(worker)?.state == .rendering)
    }

    @Test func `does nothing when another tick has run in the meantime`() async throws {
        let testFarm = TestFarm()
        try await testFarm.fleet.setDesired(2, of: .spot)
        _ = try await testFarm.start(.idle)
        try await testFarm.pass(.seconds(300))
        let raced = RacedWorkerStore(testFarm.workers, at: .list) { try await testFarm.tick() }
        #expect(try await testFarm.tick(with: raced) == nil)
        #expect(await testFarm.fleet.ended.count == 2)
        #expect(try await testFarm.desired == 0)
    }

    @Test func `of two at once does nothing twice`()
        async throws
    {
        let testFarm = TestFarm()
        try await testFarm.fleet.setDesired(3, of: .spot)
        _ = try await testFarm.start(.idle)
        try await testFarm.pass(.seconds(300))
        let ticks = try await withThrowingTaskGroup(of: FleetTick?.self) { group in
            for _ in 0..<6 { group.addTask { try await testFarm.tick() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(ticks.contains { $0 != nil })
        #expect(try await testFarm.desired == 0)
        #expect(await testFarm.fleet.ended.count == 3)
        #expect(testFarm.faults.callCount(of: .endInstance) == 3)
    }

    @Test func `does the rest when a part of the decision fails`() async throws {
        let testFarm = TestFarm()
        try await testFarm.fleet.setDesired(2, of: .spot)
        let workers = try await testFarm.start(.idle)
        try await testFarm.pass(.seconds(300))
        testFarm.faults.fail(.endInstance)
        await #expect(throws: PortError.self) { try await testFarm.tick() }
        #expect(await testFarm.fleet.ended == [workers[1]])
        // The first drains and is still there: the scaler ends it again after a while.
        try await testFarm.tick()
        #expect(try await testFarm.desired == 1)
        try await testFarm.pass(.seconds(180))
        try await testFarm.tick()
        #expect(await testFarm.fleet.ended == [workers[1], workers[0]])
    }

    @Test func `publishes age, price and pace of the work`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 6)
        try await testFarm.fleet.setDesired(2, of: .spot)
        let workers = try await testFarm.start(.rendering)
        let tasks = try await testFarm.lease(2, of: job, to: workers[0])
        let report = RenderReport(frameCount: 1, renderMilliseconds: 90_000)
        try await testFarm.operations.apply(.succeed(tasks[0].token, report), to: tasks[0].id)
        let price = PriceStep(time: .testStart, price: Money(nanodollars: 360_000_000))
        try await testFarm.workers.change(workers[0]) {
            $0.prices = [price]
            $0.progress = WorkerRecord.Progress(task: tasks[1].id, start: .testStart)
        }
        try await testFarm.workers.change(workers[1]) { $0.prices = [price] }
        try await testFarm.pass(.seconds(120))
        try await testFarm.tick()
        let published = try #require(testFarm.published.all.first)
        // Five frames of a measured 90 s.
        #expect(published[.openTasks] == 5 && published[.backlogSeconds] == 450)
        #expect(published[.oldestTaskAge] == 120)
        #expect(published[.dollarsPerHour] == 0.72)
        // One of the two renders.
        #expect(published[.framesPerHour] == 40)
        #expect(published[.queueDepthPerInstance] == 3)
        #expect(published[.spotInService] == 2 && published[.onDemandInService] == 0)
    }

    @Test func `publishes its view and keeps its last twenty decisions`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 6)
        let urgent = TaskMessage(
            task: TaskID(job: job, number: 1), token: .unleased, lane: .high)
        try await testFarm.queue.send([urgent], after: .zero)
        for _ in 0..<25 { try await testFarm.tick() }
        let first = try #require(testFarm.published.all.first)
        #expect(first[.backlogSeconds] == 180)
        #expect(first[.spotDesired] == 3)
        // Of all queues.
        #expect(first[.queueDepthPerInstance] == 7)
        let ticks = try await testFarm.fleetStore.memory().ticks
        #expect(ticks.count == 20)
        #expect(ticks[0].rows.map(\.lifecycle) == [.spot, .onDemand])
    }

    @Test func `puts a note about the budget on the job, and removes it`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 6, terms: ["budget": "0.01"])
        let task = try await testFarm.lease(1, of: job, to: WorkerID("i-1"), price: "3.6")[0]
        try await testFarm.time.sleep(for: .seconds(60))
        let report = RenderReport(frameCount: 1, renderMilliseconds: 60_000)
        try await testFarm.operations.apply(.succeed(task.token, report), to: task.id)
        try await testFarm.tick()
        let note = try #require(try await testFarm.stored(job).noteWords.first)
        #expect(note.contains("$0.06 of its budget of $0.01 is spent"))
        let writes = testFarm.faults.callCount(of: .noteOnJob)
        try await testFarm.tick()
        #expect(testFarm.faults.callCount(of: .noteOnJob) == writes)
    }
}

@Suite struct `A refused launch` {
    @Test func `cools its zone, and is counted`() async throws {
        let testFarm = TestFarm()
        let event = try LaunchFailureEvent(
            EventBridgeEvent(json: Fixture.event("instance-launch-unsuccessful")))
        #expect(try await testFarm.note.handle(event))
        let refusals = try await testFarm.fleetStore.refusals(at: event.time + .seconds(599))
        #expect(refusals.map(\.zone) == ["us-east-1b"])
        #expect(refusals.map(\.lifecycle) == [.spot])
        #expect(try await testFarm.fleetStore.refusals(at: event.time + .seconds(600)).isEmpty)
        #expect(testFarm.published.all == [[.launchFailures: 1]])
    }

    @Test func `again keeps its first time`() async throws {
        let first = CapacityShortage(
            lifecycle: .spot, zone: "a", time: .testStart,
            coolingUntil: .testStart + .seconds(600), message: "none")
        let later = CapacityShortage(
            lifecycle: .spot, zone: "a", time: .testStart + .seconds(60),
            coolingUntil: .testStart + .seconds(660), message: "still none")
        #expect(later.following(first).time == .testStart)
        #expect(later.following(first).coolingUntil == .testStart + .seconds(660))
    }

    @Test func `of a foreign group is ignored`() async throws {
        let testFarm = TestFarm()
        let text = String(
            decoding: try Fixture.event("instance-launch-unsuccessful"), as: UTF8.self
        ).replacing("spotrender-group", with: "other")
        let event = try LaunchFailureEvent(EventBridgeEvent(json: Array(text.utf8)))
        #expect(try await !testFarm.note.handle(event))
        #expect(testFarm.published.all.isEmpty)
    }
}

/// Lets something happen right before the first save, or right after the first look at the workers.
private actor RacedWorkerStore: WorkerStore {
    enum Moment {
        case list
        case save
    }

    private let store: InMemoryWorkerStore
    private let moment: Moment
    private var race: (@Sendable () async throws -> Void)?

    init(
        _ store: InMemoryWorkerStore, at moment: Moment,
        race: @escaping @Sendable () async throws -> Void
    ) {
        self.store = store
        self.moment = moment
        self.race = race
    }

    private func meet(_ moment: Moment) async throws(PortError) {
        guard moment == self.moment, let race else { return }
        self.race = nil
        do {
            try await race()
        } catch {
            throw PortError(.unavailable, "race", "\(error)")
        }
    }

    func save(_ worker: WorkerRecord) async throws(PortError) -> WorkerRecord? {
        try await meet(.save)
        return try await store.save(worker)
    }

    func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord? {
        try await store.worker(id)
    }

    func openWorkers() async throws(PortError) -> [WorkerRecord] {
        let workers = try await store.openWorkers()
        try await meet(.list)
        return workers
    }
}
