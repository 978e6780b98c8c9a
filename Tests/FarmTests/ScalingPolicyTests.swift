import Farm
import FarmTesting
import Testing

private func job(tasks: Int, chunk: Int = 1, tally: JobTally = JobTally()) -> Job {
    let scene = SceneObject(
        bucket: "b", key: "s.blend", version: nil, entityTag: "t", byteCount: 1)
    return Job(
        id: JobID("s-1"), source: scene, settings: nil, chunk: chunk, taskCount: tasks,
        created: .testStart, state: .rendering, tally: tally)
}

private func capacity(desired: Int, most: Int = 100) -> FleetCapacity {
    FleetCapacity(desired: desired, inService: desired, least: 0, most: most)
}

@Suite struct `The fleet's size` {
    private let policy = ScalingPolicy(
        turnAround: .seconds(600), assumedSecondsPerFrame: 60, least: 0, most: 50)

    @Test(arguments: [0, 1, 7]) func `is zero when no work is open`(_ desired: Int) {
        let decision = policy.decide(jobs: [], capacity: capacity(desired: desired))
        #expect(decision.desired == 0)
    }

    @Test func `is right at the first tick from zero, where there is nothing to divide by`() {
        // 100 frames of an assumed 60 s are 6,000 s: ten instances for ten minutes.
        let decision = policy.decide(jobs: [job(tasks: 100)], capacity: capacity(desired: 0))
        #expect(decision.desired == 10)
        #expect(decision.backlogSeconds == 6000)
    }

    @Test func `follows measured times once there are any`() {
        let measured = JobTally(
            succeeded: 20, frames: 40, measuredFrames: 40, renderMilliseconds: 4_000_000)
        // 80 tasks of two frames at 100 s are 16,000 s: 27 instances.
        let decision = policy.decide(
            jobs: [job(tasks: 100, chunk: 2, tally: measured)], capacity: capacity(desired: 3))
        #expect(decision.desired == 27)
    }

    @Test func `is never more than open tasks, the policy's most or the group's most`() {
        let slow = ScalingPolicy(
            turnAround: .seconds(1), assumedSecondsPerFrame: 600, least: 0, most: 50)
        func size(_ tasks: Int, _ most: Int) -> Int {
            slow.decide(jobs: [job(tasks: tasks)], capacity: capacity(desired: 0, most: most))
                .desired
        }
        #expect(size(3, 100) == 3)
        #expect(size(1000, 100) == 50)
        #expect(size(1000, 20) == 20)
    }

    @Test func `does not shrink while work is open`() {
        let decision = policy.decide(jobs: [job(tasks: 1)], capacity: capacity(desired: 9))
        #expect(decision.desired == 9)
    }
}
