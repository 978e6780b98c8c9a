import Farm
import FarmTesting
import Testing

private let policy = ScalingPolicy(
    turnAround: .seconds(600), assumedSecondsPerFrame: 60,
    limits: ScalingPolicy.Limits(unitsMax: 50, onDemandMax: 3))

@Suite struct `On-Demand` {
    /// Ten instances are desired, none has come.
    private func shortScene(terms: JobTerms = JobTerms()) throws -> Scene {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 100, terms: terms)]
        scene.spot = scene.spot.with(desired: 10)
        return scene
    }

    @Test func `replaces missing Spot instances, after the wait and within its maximum`()
        throws
    {
        var scene = try shortScene()
        scene.memory = policy.decide(scene.view).memory
        scene.now = scene.now + .seconds(299)
        #expect(policy.decide(scene.view).onDemand.desired == nil)
        scene.now = scene.now + .seconds(1)
        let decision = policy.decide(scene.view)
        #expect(decision.onDemand.desired == 3)
        #expect(decision.tick.rows[1].reason.contains("short for 300 s"))
        // Spot stays desired, so Auto Scaling keeps trying.
        #expect(decision.spot.desired == nil)
    }

    @Test func `counts the wait from the first reported shortage`() throws {
        var scene = try shortScene()
        scene.refusals = [
            CapacityShortage(
                lifecycle: .spot, zone: "us-east-1b", time: scene.now - .seconds(300),
                coolingUntil: scene.now + .seconds(300), message: "no capacity")
        ]
        let decision = policy.decide(scene.view)
        #expect(decision.onDemand.desired == 3)
        #expect(decision.tick.rows[1].reason.contains("1 zones refused"))
    }

    @Test func `ends when Spot is complete and it is idle`() throws {
        var scene = try shortScene()
        scene.memory.shortSince = scene.now - .seconds(300)
        scene.follow(policy.decide(scene.view))
        #expect(scene.onDemand.desired == 3)
        #expect(scene.spot.desired == 10)
        scene.now = scene.now + .seconds(600)
        scene.follow(policy.decide(scene.view))
        #expect(scene.onDemand.desired == 0)
        #expect(scene.memory.shortSince == nil)
    }

    @Test func `does not wait when the wait would miss a deadline`() throws {
        // 6,000 s in 700 s are nine instances; after 300 s of waiting fifteen: still possible.
        let early = JobTerms(deadline: Scene().now + .seconds(700))
        #expect(policy.decide(try shortScene(terms: early).view).onDemand.desired == nil)
        // In 400 s fifteen, after the wait sixty.
        let late = JobTerms(deadline: Scene().now + .seconds(400))
        let decision = policy.decide(try shortScene(terms: late).view)
        #expect(decision.onDemand.desired == 3)
        #expect(decision.tick.rows[1].reason.contains("deadline"))
    }

    @Test func `takes tasks that were interrupted too often, and Spot does not count them`() throws
    {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 1)]
        scene.reservedTasks = 1
        let decision = policy.decide(scene.view)
        #expect(decision.onDemand.desired == 1)
        #expect(decision.spot.desired == nil)
    }

    @Test func `has its base while there is work, and Spot takes the rest`() throws {
        let based = ScalingPolicy(
            turnAround: .seconds(600), assumedSecondsPerFrame: 60,
            limits: ScalingPolicy.Limits(unitsMax: 50, onDemandBase: 2, onDemandMax: 3))
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 100)]
        let decision = based.decide(scene.view)
        #expect(decision.onDemand.desired == 2)
        #expect(decision.spot.desired == 8)
        scene.follow(decision)
        scene.jobs = []
        scene.follow(based.decide(scene.view))
        #expect(scene.onDemand.desired == 0)
        #expect(scene.spot.desired == 0)
    }
}

@Suite struct `A budget` {
    /// 10 of 100 frames done, for half a dollar.
    private func scene(_ budget: Money) throws -> Scene {
        var scene = Scene()
        let tally = Scene.tally(frames: 10, seconds: 60, cost: "0.5")
        scene.jobs = [
            try Scene.job(frames: 100, terms: JobTerms(budget: budget), tally: tally)
        ]
        return scene
    }

    @Test func `that pays for the whole job changes nothing`() throws {
        let decision = policy.decide(try scene("5").view)
        #expect(decision.spot.desired == 9)
        #expect(decision.demands[0].note == nil)
    }

    @Test func `that pays for a part starts instances for that part and leaves a note`() throws {
        let decision = policy.decide(try scene("2").view)
        // 1.50 at 0.05 are 30 frames: 1,800 s.
        #expect(decision.spot.desired == 3)
        #expect(
            decision.demands[0].note
                == .budgetShort(
                    spent: Money(nanodollars: 500_000_000),
                    budget: Money(nanodollars: 2_000_000_000), framesPaid: 30, framesLeft: 90))
    }

    @Test func `that is spent starts no instance`() throws {
        let decision = policy.decide(try scene("0.5").view)
        #expect(decision.spot.desired == nil)
        #expect(
            decision.demands[0].note
                == .budgetSpent(
                    spent: Money(nanodollars: 500_000_000),
                    budget: Money(nanodollars: 500_000_000), framesLeft: 90))
        #expect(decision.tick.rows[0].reason.contains("budget"))
    }

    @Test func `includes running attempts`() throws {
        var scene = try scene("0.6")
        scene.staff(1, .rendering)
        // Half an hour at 0.36 is more than the ten cents left.
        scene.workers[0].progress = WorkerRecord.Progress(
            task: TaskID(job: JobID("s-1"), number: 1), start: scene.now - .seconds(1800))
        #expect(policy.decide(scene.view).demands[0].units == 0)
    }

    @Test func `gives a job one instance before its first frame, to measure the cost of a frame`()
        throws
    {
        var scene = Scene()
        scene.jobs = [try Scene.job(frames: 100, terms: JobTerms(budget: "1"))]
        #expect(policy.decide(scene.view).spot.desired == 1)
    }
}
