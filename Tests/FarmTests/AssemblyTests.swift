import Farm
import FarmTesting
import Testing

private func job(
    _ state: Job.State, _ tally: JobTally, assembles: Bool = true, budget: Money? = nil
) throws -> Job {
    let settings = RenderSettings(
        scene: "Scene", frames: try FrameRange(first: 1, last: 4), engine: .cycles,
        resolution: Resolution(width: 64, height: 36), format: .png)
    return Job(
        id: JobID("shot-12345678"),
        source: SceneObject(
            bucket: "input", key: "shot.blend", version: nil, entityTag: "e", byteCount: 9),
        settings: settings, chunk: 1, taskCount: 4, created: .testStart,
        terms: JobTerms(budget: budget, assembles: assembles), state: state, tally: tally)
}

private let rendered = JobTally(succeeded: 4, frames: 4)
private let inPart = JobTally(succeeded: 3, failed: 1, frames: 3)

@Suite struct `A job whose last frame has ended` {
    @Test(arguments: [rendered, inPart])
    func `is assembled, and then settles with its outcome`(_ tally: JobTally) throws {
        let assembling = try #require(
            try job(.rendering, tally).after(.settle, at: .testStart))
        #expect(assembling.state == .assembling && !assembling.state.isSettled)
        #expect(assembling.state.isWork && assembling.currentTaskCount == 1)
        #expect(assembling.openTaskCount == 0 && assembling.framesLeft == 0)
        #expect(assembling.after(.settle, at: .testStart) == nil)
        var ended = tally
        ended.assemblies = 1
        let settled = try #require(
            try job(.assembling, ended).after(.settle, at: .testStart))
        let plain = try #require(
            try job(.rendering, tally, assembles: false).after(.settle, at: .testStart))
        #expect(settled.state == plain.state && settled.state.isSettled)
    }

    @Test func `is not assembled without the wish, a frame, or a budget left`() throws {
        let none = JobTally(failed: 4)
        let spent = JobTally(succeeded: 4, frames: 4, cost: "1")
        for job in [
            try job(.rendering, rendered, assembles: false), try job(.rendering, none),
            try job(.rendering, spent, budget: "1"),
        ] {
            #expect(try #require(job.after(.settle, at: .testStart)).state.isSettled)
        }
        let enough = try job(.rendering, spent, budget: "1.01")
        #expect(enough.after(.settle, at: .testStart)?.state == .assembling)
    }

    @Test func `is not assembled when it was canceled or given up`() throws {
        var tally = JobTally(succeeded: 2, failed: 1, canceled: 1, frames: 2)
        for state in [Job.State.canceling, .failing(.tasksFailed(count: 1, of: 2))] {
            tally.assemblies = 0
            // A worker may be at it until it is canceled, too.
            #expect(try job(state, tally).after(.settle, at: .testStart) == nil)
            tally.assemblies = 1
            #expect(
                try #require(try job(state, tally).after(.settle, at: .testStart)).state.isSettled)
        }
        let canceled = JobTally(succeeded: 2, canceled: 2, frames: 2)
        #expect(
            try job(.rendering, canceled).after(.settle, at: .testStart)?.state == .canceled)
    }

    @Test func `is opened again when its frames are`() throws {
        let open = JobTally(succeeded: 3, frames: 3)
        #expect(try job(.assembling, inPart).after(.reopen, at: .testStart) == nil)
        #expect(try job(.assembling, open).after(.reopen, at: .testStart)?.state == .queued)
    }

    @Test func `waits with its assembly while it is paused`() throws {
        let paused = try #require(try job(.assembling, rendered).after(.pause, at: .testStart))
        #expect(paused.state == .paused && paused.after(.settle, at: .testStart) == nil)
        #expect(paused.after(.resume, at: .testStart)?.state == .assembling)
        var ended = rendered
        ended.assemblies = 1
        let begun = try job(.paused, ended)
        #expect(begun.after(.settle, at: .testStart)?.state == .succeeded)
    }

    @Test func `allows only its assembly, and no job allows it before`() throws {
        let frame = RenderTask(
            id: TaskID(job: JobID("shot-12345678"), number: 1),
            frames: try FrameRange(first: 1, last: 1))
        let assembling = try job(.assembling, rendered)
        let last = try #require(SplitPlan.tasks(of: assembling).last)
        #expect(last.id == assembling.assembly && last.work == .assembly)
        #expect(last.frames.count == 4)
        #expect(assembling.allows(last) && !assembling.allows(frame))
        for state in [Job.State.splitting, .queued, .rendering] {
            let job = try job(state, JobTally())
            #expect(job.allows(frame) && !job.allows(last))
        }
        for state in [Job.State.paused, .canceling, .succeeded] {
            let job = try job(state, rendered)
            #expect(!job.allows(frame) && !job.allows(last))
        }
    }
}

@Suite struct `An assembly` {
    private func leased() throws -> RenderTask {
        let task = RenderTask(
            id: TaskID(job: JobID("shot-12345678"), number: 5),
            frames: try FrameRange(first: 1, last: 4), work: .assembly)
        let lease = RenderTask.Event.lease(
            WorkerID("i-a"), Pool(instanceType: "c5a.2xlarge", zone: "a"),
            until: .testStart + .seconds(120), pricePerHour: "3.6")
        return try task.apply(lease, at: .testStart).to
    }

    @Test func `costs what it costs, and counts neither as a task nor as frames`() throws {
        let leased = try leased()
        let end = Timestamp.testStart + .seconds(10)
        let done = try leased.apply(
            .succeed(
                leased.token,
                RenderReport(frameCount: 4, renderMilliseconds: 9, blankFrames: [2])), at: end)
        // Who rendered the blank frame has counted it.
        #expect(done.tally == JobTally(assemblies: 1, cost: "0.01"))
        let away = try leased.apply(
            .interrupt(leased.token, Interruption(.spotTerminate, by: .eventBridge)), at: end)
        #expect(away.tally == JobTally(cost: "0.01", interruptions: 1))
        #expect(away.to.state == .queued)
    }

    @Test func `that fails for good leaves a note before its job settles`() throws {
        let leased = try leased()
        let failure = RenderFailure(.crashed, "ffmpeg was ended.")
        let failed = try leased.apply(
            .fail(leased.token, failure, RenderReport()), at: .testStart,
            retries: RetryPolicy(blender: 1))
        let job = leased.id.job
        #expect(
            failed.effects == [
                .deadLetter(leased.id, failure), .noteMissingAssembly(job, failure),
                .settleJob(job),
            ])
        #expect(failed.tally == JobTally(assemblies: 1, failures: 1))
    }

    @Test func `is made anew after a retry, and is sent when the frames are stored`() throws {
        let leased = try leased()
        let done = try leased.apply(.succeed(leased.token, RenderReport()), at: .testStart).to
        let again = try done.apply(.retry, at: .testStart)
        #expect(again.to.state == .queued && again.effects.isEmpty)
        #expect(again.tally == JobTally(assemblies: -1))
    }
}
