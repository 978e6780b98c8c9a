import Farm
import FarmTesting
import Testing

private func job(
    _ state: Job.State, _ tally: JobTally = JobTally(), note: JobNote? = nil, chunk: Int = 2
) throws -> Job {
    let settings = RenderSettings(
        scene: "Scene", frames: try FrameRange(first: 1, last: 24), engine: .cycles,
        resolution: Resolution(width: 64, height: 36), format: .png)
    return Job(
        id: JobID("shot-12345678"),
        source: SceneObject(
            bucket: "input", key: "shot.blend", version: nil, entityTag: "e", byteCount: 9),
        settings: settings, chunk: chunk,
        taskCount: SplitPlan.taskCount(frames: settings.frames, chunk: chunk, hasCanary: true),
        created: .testStart, terms: JobTerms(hasCanary: true), state: state, note: note,
        tally: tally)
}

private let proven = JobTally(succeeded: 3, frames: 3)
private let camera = RenderFailure(.scene, "It has no camera.")

@Suite struct `A canary` {
    @Test(arguments: [
        (1, 12, 1, 1), (1, 24, 1, 8), (5, 47, 3, 2), (-20, 20, 1, 4), (0, 999, 1, 7),
        (1, 13, 1, 5),
    ])
    func `is the first, the middle and the last frame, and every frame is in one task`(
        _ first: Int, _ last: Int, _ step: Int, _ chunk: Int
    ) throws {
        let frames = try FrameRange(first: first, last: last, step: step)
        let tasks = SplitPlan.tasks(
            of: JobID("j-1"), SplitPlan.Division(frames, chunk: chunk, hasCanary: true))
        let all = Array(frames.frames)
        #expect(
            tasks.prefix(3).map { Array($0.frames.frames) }
                == [[all[0]], [all[all.count / 2]], [all[all.count - 1]]])
        #expect(tasks.flatMap { Array($0.frames.frames) }.sorted() == all)
        #expect(tasks.map(\.id.number) == Array(1...tasks.count))
        #expect(
            tasks.count == SplitPlan.taskCount(frames: frames, chunk: chunk, hasCanary: true))
        #expect(tasks.allSatisfy { $0.frames.count <= chunk })
    }

    @Test func `has a number of frames for each task`() throws {
        let job = try job(.trying, chunk: 5)
        for task in SplitPlan.tasks(of: job) {
            #expect(SplitPlan.frameCount(of: task.id, in: job) == task.frames.count)
        }
        #expect(SplitPlan.frameCount(of: job.assembly, in: job) == 0)
    }

    @Test(arguments: [(11, 1, false), (12, 1, true), (1_000, 1, true), (1_000, 2, false)])
    func `is for large jobs whose frames have one share`(
        _ frames: Int, _ shares: Int, _ isWorthIt: Bool
    ) {
        #expect(SplitPlan.canHaveCanary(frameCount: frames, shares: shares) == isWorthIt)
    }

    @Test func `comes before the other tasks, which begin when it is proven`() throws {
        let trying = try #require(try job(.splitting).after(.split, at: .testStart))
        #expect(trying.state == .trying && trying.state.isWork && trying.currentTaskCount == 3)
        #expect(SplitPlan.tasks(of: trying).filter(trying.allows).map(\.id.number) == [1, 2, 3])
        #expect(trying.after(.start, at: .testStart) == nil)
        let two = try job(.trying, JobTally(succeeded: 2, frames: 2))
        #expect(two.after(.prove, at: .testStart) == nil && two.currentTaskCount == 1)
        let done = try job(.trying, proven)
        // Messages are sent, and tasks begun, before the job is moved.
        #expect(SplitPlan.tasks(of: done).allSatisfy(done.allows))
        #expect(done.currentTaskCount == done.openTaskCount)
        #expect(done.after(.prove, at: .testStart)?.state == .queued)
        #expect(try job(.queued, proven).after(.prove, at: .testStart) == nil)
    }

    @Test func `that fails for good gives its job up at once, with the reason`() throws {
        for state in [Job.State.trying, .paused] {
            let given = try #require(
                try job(state, JobTally(succeeded: 2, failed: 1)).after(
                    .giveUp(camera), at: .testStart))
            #expect(given.state.endsTasks)
            #expect(
                given.state.failure == .canaryFailed(untried: 11, reason: "It has no camera."))
        }
        // One bad frame among the others says little.
        let later = try job(.rendering, JobTally(succeeded: 3, failed: 1))
        #expect(later.after(.giveUp(camera), at: .testStart) == nil)
        let again = try job(
            .failed(.tasksFailed(count: 1, of: 9)), JobTally(succeeded: 2, canceled: 11))
        #expect(again.after(.reopen, at: .testStart)?.state == .trying)
        let mended = try job(.canceled, JobTally(succeeded: 3, canceled: 10))
        #expect(mended.after(.reopen, at: .testStart)?.state == .queued)
    }

    @Test func `is paused and continues where it was`() throws {
        let paused = try #require(try job(.trying).after(.pause, at: .testStart))
        #expect(paused.after(.resume, at: .testStart)?.state == .trying)
        #expect(try job(.paused, proven).after(.resume, at: .testStart)?.state == .queued)
        #expect(try job(.trying).after(.cancel, at: .testStart)?.state == .canceling)
    }

    @Test
    func `that is all black or transparent gives a note, until one frame is not`()
        throws
    {
        let blank = JobTally(succeeded: 3, frames: 3, blankFrames: 3)
        let note = JobNote.missingAssembly(reason: "It crashed.")
        #expect(try job(.trying, blank, note: note).notes == [note, .blankFrames(count: 3)])
        #expect(
            try job(.rendering, JobTally(succeeded: 9, frames: 9, blankFrames: 9)).notes.count
                == 1)
        for tally in [
            JobTally(succeeded: 3, frames: 3, blankFrames: 2),
            JobTally(succeeded: 4, frames: 4, blankFrames: 3),
            // Two of a chunk of two may be stored of an attempt that was interrupted, and not
            // counted yet.
            JobTally(succeeded: 3, frames: 3, interruptions: 1, blankFrames: 4),
        ] {
            #expect(try job(.rendering, tally).notes == [])
        }
    }
}

@Suite struct `A job's quote` {
    private func attempt(
        _ seconds: Int64, opening: Int64, on type: String = "c5a.2xlarge", price: Money = "0.154"
    ) throws -> Attempt {
        let lease = Lease(
            worker: WorkerID("i-a"), pool: Pool(instanceType: type, zone: "us-east-1a"),
            pricePerHour: price, start: .testStart, until: .testStart)
        return Attempt(
            task: TaskID(job: JobID("shot-12345678"), number: 1), token: FencingToken(1),
            lease: lease, end: .testStart, outcome: .succeeded,
            report: RenderReport(
                frameCount: 1, renderMilliseconds: 1_000 * (seconds + opening),
                openMilliseconds: 1_000 * opening))
    }

    @Test func `is computed from its canary's frames and their price`() throws {
        let job = try job(.trying, proven)
        let attempts = [
            try attempt(50, opening: 10), try attempt(60, opening: 10),
            // By the Blender of the one before, which has the scene open.
            try attempt(70, opening: 0), try attempt(5, opening: 1, on: "c7a.2xlarge"),
        ]
        let quote = try #require(Estimate(of: job, attempts))
        #expect(quote.rows.map(\.instances) == [1, 3, 10])
        #expect(Set(quote.rows.map(\.instanceType)) == ["c5a.2xlarge"])
        // 90 s of boot, 10 s of opening, eight frames of 60 s.
        #expect(quote.rows[1].wall == .seconds(580))
        let onDemand = try #require(PriceBook.builtIn.onDemand["c5a.2xlarge"])
        #expect(quote.rows[1].onDemand == onDemand.times(3 * 580, over: 3600))
        #expect(quote.rows[1].spot == quote.rows[1].onDemand.times(50, over: 100))
    }

    @Test func `waits for the first frame`() throws {
        #expect(Estimate(of: try job(.trying), []) == nil)
    }
}
