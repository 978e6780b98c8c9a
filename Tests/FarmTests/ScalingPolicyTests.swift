import Farm
import FarmTesting
import Testing

private let policy = ScalingPolicy(
    turnAround: .seconds(600), assumedSecondsPerFrame: 60,
    limits: ScalingPolicy.Limits(unitsMax: 50, onDemandMax: 2))

@Suite struct `The fleet's size` {
    @Test
    func `is right at the first tick, also from zero instances`()
        throws
    {
        var scene = Scene()
        // 100 frames of an assumed 60 s are 6,000 s: ten instances for ten minutes.
        scene.jobs = [try Scene.job(frames: 100)]
        let decision = policy.decide(scene.view)
        #expect(decision.spot.desired == 10)
        #expect(decision.onDemand.desired == nil)
        #expect(decision.tick.backlogSeconds == 6000)
        let metrics = decision.metrics(scene.view, depth: 100)
        #expect(metrics[.queueDepthPerInstance] == 100)
        #expect(metrics.values.allSatisfy { $0.isFinite })
    }

    @Test func `follows the measured times of each type, weighted by the group's units`() throws {
        var scene = Scene()
        var tally = Scene.tally(frames: 10, seconds: 100, on: "c5a.2xlarge")
        tally = tally + Scene.tally(frames: 10, seconds: 50, on: "c5a.4xlarge")
        scene.jobs = [try Scene.job(frames: 100, tally: tally)]
        // 80 frames at 75 s.
        #expect(policy.decide(scene.view).spot.desired == 10)
        // The larger type counts two units: half the time on two units is 100 unit-seconds a frame.
        scene.spot = scene.spot.with(weights: ["c5a.2xlarge": 1, "c5a.4xlarge": 2])
        #expect(policy.decide(scene.view).tick.backlogSeconds == 8000)
        #expect(policy.decide(scene.view).spot.desired == 14)
    }

    @Test func `counts remaining frames, not tasks, and no frame that an attempt has stored`()
        throws
    {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 100, chunk: 8)]
        #expect(policy.decide(scene.view).tick.backlogSeconds == 6000)
        scene.staff(1, .rendering)
        scene.workers[0].progress = WorkerRecord.Progress(
            task: TaskID(job: JobID("s-1"), number: 1), start: scene.now, framesStored: 5)
        #expect(policy.decide(scene.view).tick.backlogSeconds == 5700)
    }

    @Test func `never exceeds the open tasks, the policy's maximum or the group's maximum`()
        throws
    {
        let slow = ScalingPolicy(
            turnAround: .seconds(1), assumedSecondsPerFrame: 600, limits: .init(unitsMax: 50))
        func size(_ frames: Int, _ unitsMax: Int) throws -> Int? {
            var scene = Scene()
            scene.jobs = [try Scene.job(frames: frames)]
            scene.spot = FleetGroup(lifecycle: .spot, desired: 0, unitsMin: 0, unitsMax: unitsMax)
            return slow.decide(scene.view).spot.desired
        }
        #expect(try size(3, 100) == 3)
        #expect(try size(1000, 100) == 50)
        #expect(try size(1000, 20) == 20)
    }

    @Test func `is larger for a job with a nearer deadline`() throws {
        var scene = Scene()
        let soon = JobTerms(deadline: scene.now + .seconds(300))
        scene.jobs = [try Scene.job(frames: 50), try Scene.job(frames: 50, terms: soon)]
        #expect(policy.decide(scene.view).spot.desired == 15)
        // After the deadline the demand is at its highest, without a division by zero.
        scene.jobs = [
            try Scene.job(frames: 5, terms: JobTerms(deadline: scene.now - .seconds(1)))
        ]
        #expect(policy.decide(scene.view).spot.desired == 5)
    }

    @Test(arguments: WorkerRecord.DrainCause.allCases.map(WorkerRecord.State.draining))
    func `does not count an instance that takes no more tasks`(
        _ state: WorkerRecord.State
    ) throws {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 30)]
        scene.staff(2, .rendering)
        scene.staff(1, state)
        #expect(policy.decide(scene.view).spot.desired == 4)
    }

    @Test func `does not count an instance while it cools`() throws {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 30)]
        scene.staff(3, .rendering)
        scene.workers[0].coolingUntil = scene.now + .seconds(1)
        #expect(policy.decide(scene.view).spot.desired == 4)
        scene.workers[0].coolingUntil = scene.now
        #expect(policy.decide(scene.view).spot.desired == nil)
    }
}

@Suite struct `A smaller fleet` {
    @Test func `ends only workers that were idle for the grace, the longest first`() throws {
        var scene = Scene()
        scene.staff(1, .idle, for: .seconds(299))
        scene.staff(1, .rendering, for: .seconds(9_000))
        scene.staff(1, .idle, for: .seconds(300))
        scene.staff(1, .idle, for: .seconds(900))
        let decision = policy.decide(scene.view)
        #expect(decision.spot.desired == nil)
        #expect(decision.spot.ending == [WorkerID("i-3"), WorkerID("i-2")])
    }

    @Test func `keeps as many instances as the work and the minimum size need`() throws {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 10)]
        scene.staff(3, .idle, for: .seconds(900))
        #expect(policy.decide(scene.view).spot.ending.count == 2)
        scene.jobs = []
        let two = ScalingPolicy(
            turnAround: .seconds(600), limits: ScalingPolicy.Limits(unitsMin: 2, unitsMax: 9))
        #expect(two.decide(scene.view).spot.ending.count == 1)
    }

    @Test func `keeps an instance for its first minute, however short the grace`() {
        let hasty = ScalingPolicy(
            turnAround: .seconds(600), limits: .init(unitsMax: 9), idleGrace: .zero)
        var scene = Scene()
        scene.now = .testStart + .seconds(59)
        scene.staff(1, .idle, for: .seconds(5))
        #expect(hasty.decide(scene.view).spot.ending.isEmpty)
        scene.now = .testStart + .seconds(60)
        #expect(hasty.decide(scene.view).spot.ending.count == 1)
    }

    @Test func `withdraws requests that were not fulfilled, and ends no instance for that`() throws
    {
        var scene = Scene()
        scene.staff(2, .rendering)
        scene.spot = scene.spot.with(desired: 7)
        #expect(policy.decide(scene.view).spot.desired == 2)
    }

    @Test func `ends an instance whose worker never reports`() throws {
        var scene = Scene()
        scene.spot = scene.spot.with(
            [FleetGroup.Member(id: WorkerID("i-dumb"), isProtected: true)], desired: 1)
        scene.follow(policy.decide(scene.view))
        #expect(scene.memory.unregistered == [WorkerID("i-dumb"): scene.now])
        scene.now = scene.now + .seconds(899)
        #expect(policy.decide(scene.view).spot.ending.isEmpty)
        scene.now = scene.now + .seconds(1)
        #expect(policy.decide(scene.view).spot.ending == [WorkerID("i-dumb")])
    }

    @Test func `lets a drained worker finish its task, however long that takes`() {
        var scene = Scene()
        scene.staff(1, .draining(.scaleIn), for: .seconds(9_000))
        scene.workers[0].progress = WorkerRecord.Progress(
            task: TaskID(job: JobID("s-1"), number: 1), start: scene.now - .seconds(9_500))
        #expect(policy.decide(scene.view).spot.ending.isEmpty)
        scene.workers[0].progress = nil
        #expect(policy.decide(scene.view).spot.ending.count == 1)
    }

    @Test func `asks again to end a drained worker that still exists`() {
        var scene = Scene()
        scene.staff(1, .draining(.scaleIn), for: .seconds(179))
        #expect(policy.decide(scene.view).spot.ending.isEmpty)
        scene.now = scene.now + .seconds(1)
        #expect(policy.decide(scene.view).spot.ending.count == 1)
    }
}

@Suite struct `Under noise` {
    /// Constant demand with noise of ±10 %.
    @Test(arguments: 0..<60) func `the fleet changes direction at most once in ten minutes`(
        _ seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        var scene = Scene()
        let frames = Int.random(in: 1...400, using: &random)
        var turns: [(time: Timestamp, direction: Int)] = []
        for _ in 0..<120 {
            let noise = Double.random(in: 0.9...1.1, using: &random)
            let milliseconds = Int64(60_000 * noise)
            let tally = JobTally(
                byType: ["c5a.2xlarge": RenderTime(frames: 1, milliseconds: milliseconds)])
            scene.jobs = [try Scene.job(frames: frames, tally: tally)]
            let before = scene.spot.desired
            let decision = policy.decide(scene.view)
            scene.follow(decision)
            let change = scene.spot.desired - before
            if change != 0 { turns.append((scene.now, change.signum())) }
            scene.now = scene.now + .seconds(60)
        }
        let reversals = zip(turns, turns.dropFirst()).filter { $0.direction != $1.direction }
            .map(\.1.time)
        for (one, next) in zip(reversals, reversals.dropFirst()) {
            #expect(next - one >= .seconds(600), "seed \(seed), \(frames) frames")
        }
        #expect(scene.spot.desired > 0)
    }

    @Test func `it follows larger changes at once`() throws {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 100)]
        scene.follow(policy.decide(scene.view))
        scene.now = scene.now + .seconds(60)
        scene.jobs = [try Scene.job(frames: 40)]
        scene.follow(policy.decide(scene.view))
        #expect(scene.spot.desired == 4)
        scene.now = scene.now + .seconds(60)
        scene.jobs = [try Scene.job(frames: 60)]
        scene.follow(policy.decide(scene.view))
        #expect(scene.spot.desired == 6)
        scene.jobs = []
        scene.follow(policy.decide(scene.view))
        #expect(scene.spot.desired == 0)
    }
}
