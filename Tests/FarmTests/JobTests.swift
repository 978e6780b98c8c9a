import Farm
import FarmTesting
import Testing

private let scene = SceneObject(
    bucket: "input", key: "shots/My Scène 01.blend", version: nil, entityTag: "abc", byteCount: 9)

private func settings() throws -> RenderSettings {
    RenderSettings(
        scene: "Scene", frames: try FrameRange(first: 1, last: 4), engine: .cycles,
        resolution: Resolution(width: 64, height: 36), format: .png)
}

private func job(
    _ state: Job.State, tasks: Int = 2, tally: JobTally = JobTally()
) throws -> Job {
    Job(
        id: JobID("shot-12345678"), source: scene, settings: try settings(), chunk: 2,
        taskCount: tasks, created: .testStart, state: state, tally: tally)
}

@Suite struct `A job's id` {
    @Test func `is a readable slug with a digest`() {
        #expect(JobID(for: scene, digest: "0123456789abcdef").rawValue == "my-sc-ne-01-01234567")
    }

    @Test(arguments: [("...blend", "scene"), ("日本.blend", "scene"), ("A__b--C.blend", "a-b-c")])
    func `is safe in keys whatever the file is called`(_ name: String, _ slug: String) {
        let object = SceneObject(
            bucket: "b", key: "x/\(name)", version: nil, entityTag: "t", byteCount: 1)
        #expect(JobID(for: object, digest: "0123456789").rawValue == "\(slug)-01234567")
    }

    @Test func `differs for another version of the same key`() {
        let other = SceneObject(
            bucket: "input", key: scene.key, version: "2", entityTag: "abc", byteCount: 9)
        #expect(other.identity != scene.identity)
    }
}

@Suite struct `A job` {
    @Test func `goes from splitting to rendering`() throws {
        let queued = try #require(try job(.splitting).after(.split, at: .testStart))
        #expect(queued.state == .queued)
        let rendering = try #require(queued.after(.start, at: .testStart))
        #expect(rendering.state == .rendering)
        #expect(rendering.after(.start, at: .testStart) == nil)
        #expect(rendering.after(.split, at: .testStart) == nil)
    }

    @Test func `settles only when its last task has ended`() throws {
        let open = try job(.rendering, tally: JobTally(succeeded: 1))
        #expect(open.after(.settle, at: .testStart) == nil)
        let done = try job(.rendering, tally: JobTally(succeeded: 2))
        let settled = try #require(done.after(.settle, at: .testStart))
        #expect(settled.state == .succeeded)
        #expect(settled.settled == .testStart)
        #expect(settled.after(.settle, at: .testStart) == nil)
        #expect(settled.after(.cancel, at: .testStart) == nil)
    }

    @Test func `fails when a task failed, and says how many`() throws {
        let done = try job(.rendering, tally: JobTally(succeeded: 1, failed: 1))
        let settled = try #require(done.after(.settle, at: .testStart))
        #expect(settled.state == .failed(.tasksFailed(count: 1, of: 2)))
    }

    @Test func `is paused and resumed while it is work`() throws {
        for state in [Job.State.queued, .rendering] {
            let paused = try #require(try job(state).after(.pause, at: .testStart))
            #expect(paused.state == .paused && !paused.state.isSettled && !paused.state.isWork)
            #expect(paused.after(.start, at: .testStart) == nil)
            #expect(paused.after(.resume, at: .testStart)?.state == .queued)
        }
        for state in [Job.State.splitting, .paused, .canceling, .succeeded, .canceled] {
            #expect(try job(state).after(.pause, at: .testStart) == nil)
        }
        #expect(try job(.rendering).after(.resume, at: .testStart) == nil)
    }

    @Test(arguments: [Job.State.splitting, .queued, .rendering, .paused])
    func `is canceled when its last task is`(_ state: Job.State) throws {
        let canceling = try #require(try job(state).after(.cancel, at: .testStart))
        #expect(canceling.state == .canceling && !canceling.state.isSettled)
        #expect(canceling.after(.settle, at: .testStart) == nil)
        #expect(canceling.after(.resume, at: .testStart) == nil)
        let ends: [(JobTally, Job.State)] = [
            (JobTally(canceled: 2), .canceled), (JobTally(failed: 1, canceled: 1), .canceled),
            (JobTally(succeeded: 1, failed: 1), .canceled), (JobTally(succeeded: 2), .succeeded),
        ]
        for (tally, end) in ends {
            let ended = try job(.canceling, tally: tally)
            #expect(ended.after(.settle, at: .testStart)?.state == end)
        }
    }

    @Test func `is given up when its first three tasks failed and none succeeded`() throws {
        let camera = RenderFailure(.scene, "It has no camera.")
        let hopeless = JobTally(failed: 3)
        for state in [Job.State.queued, .rendering, .paused] {
            let given = try #require(
                try job(state, tasks: 1_000, tally: hopeless).after(.giveUp(camera), at: .testStart)
            )
            #expect(!given.state.isSettled && !given.state.isWork && given.state.endsTasks)
            let failure = JobFailure.firstTasksFailed(
                count: 3, untried: 997, lastReason: "It has no camera.")
            #expect(given.state.failure == failure)
            #expect(given.after(.cancel, at: .testStart) == nil)
            let ended = try job(
                given.state, tasks: 1_000, tally: JobTally(failed: 3, canceled: 997))
            let settled = try #require(ended.after(.settle, at: .testStart))
            #expect(settled.state == .failed(failure))
            #expect(settled.after(.reopen, at: .testStart)?.state == .queued)
        }
        let hopeful = [
            JobTally(failed: 2), JobTally(succeeded: 1, failed: 900), JobTally(failed: 1_000),
        ]
        for tally in hopeful {
            let job = try job(.rendering, tasks: 1_000, tally: tally)
            #expect(job.after(.giveUp(camera), at: .testStart) == nil)
        }
        let ending = try job(.canceling, tasks: 1_000, tally: hopeless)
        #expect(ending.after(.giveUp(camera), at: .testStart) == nil)
    }

    @Test func `is reopened when it did not succeed`() throws {
        for state in [Job.State.failed(.tasksFailed(count: 1, of: 2)), .canceled] {
            let open = try #require(
                try job(state, tally: JobTally(failed: 1)).after(.reopen, at: .testStart))
            #expect(open.state == .queued && open.settled == nil)
        }
        #expect(try job(.succeeded).after(.reopen, at: .testStart) == nil)
        #expect(try job(.rendering).after(.reopen, at: .testStart) == nil)
        let refused = Job.refused(
            .frames("x"), id: JobID("x-1"), source: scene, at: .testStart)
        #expect(refused.after(.reopen, at: .testStart) == nil)
    }

    @Test func `that is refused says why and is settled at once`() {
        let refusal = JobRefusal.framesBackwards(first: 10, last: 1)
        let job = Job.refused(refusal, id: JobID("x-1"), source: scene, at: .testStart)
        #expect(job.state == .failed(.refused(refusal.description)))
        #expect(job.openTaskCount == 0)
        #expect(refusal.description.contains("frames=1-10"))
    }
}

@Suite struct `A frame range` {
    @Test(arguments: [
        ("1-240:2", [1, 239, 2], 120), ("7", [7, 7, 1], 1), ("-10-20", [-10, 20, 1], 31),
        ("-5--2", [-5, -2, 1], 4), ("1-2:5", [1, 1, 5], 1),
    ])
    func `is read as people write it`(
        _ text: String, _ firstLastStep: [Int], _ count: Int
    ) throws {
        let range = try FrameRange(parsing: text)
        #expect([range.first, range.last, range.step] == firstLastStep)
        #expect(range.count == count)
        #expect(Array(range.frames).count == count)
    }

    @Test(arguments: ["", "-", "a-b", "1-2-3", "1:2:3", "1-", "1-2:", "1.5", "1–2"])
    func `refuses unknown notations`(_ text: String) {
        #expect(throws: JobRefusal.frames(text)) { try FrameRange(parsing: text) }
    }

    @Test func `refuses to run backwards, stand still or leave Blender's reach`() {
        #expect(throws: JobRefusal.framesBackwards(first: 10, last: 1)) {
            try FrameRange(parsing: "10-1")
        }
        #expect(throws: JobRefusal.frameStep(0)) { try FrameRange(parsing: "1-2:0") }
        #expect(throws: JobRefusal.framesOutOfReach(first: 1, last: 1_048_575)) {
            try FrameRange(parsing: "1-1048575")
        }
    }

    @Test(arguments: [(1, 1, 5), (4, 5, 5), (5, 5, 5), (0, 1, 5)])
    func `has a rest from any frame on`(_ frame: Int, _ first: Int, _ last: Int) throws {
        let range = try FrameRange(first: 1, last: 6, step: 4)
        #expect(range.from(frame) == (try FrameRange(first: first, last: last, step: 4)))
        #expect(range.from(6) == nil)
    }
}

@Suite struct `A split plan` {
    @Test(arguments: [(1, 10, 1, 3), (1, 10, 3, 1), (-4, 4, 2, 2), (5, 5, 1, 8), (1, 100, 7, 4)])
    func `covers every frame once, in order`(
        _ first: Int, _ last: Int, _ step: Int, _ chunk: Int
    ) throws {
        let frames = try FrameRange(first: first, last: last, step: step)
        let tasks = SplitPlan.tasks(of: JobID("j-1"), SplitPlan.Division(frames, chunk: chunk))
        #expect(tasks.flatMap { Array($0.frames.frames) } == Array(frames.frames))
        #expect(tasks.map(\.id.number) == Array(1...tasks.count))
        #expect(tasks.count == SplitPlan.taskCount(frames: frames, chunk: chunk))
        #expect(tasks.allSatisfy { $0.frames.count <= chunk && $0.state == .queued })
    }

    @Test func `divides each frame's samples among its shares, frame after frame`() throws {
        let frames = try FrameRange(parsing: "1-3:2")
        let tasks = SplitPlan.tasks(
            of: JobID("a-1"), SplitPlan.Division(frames, chunk: 1, shares: 3))
        #expect(tasks.map(\.id.number) == Array(1...6))
        #expect(tasks.map(\.frames.first) == [1, 1, 1, 3, 3, 3])
        #expect(tasks.map(\.share.index) == [0, 1, 2, 0, 1, 2])
        #expect(tasks.allSatisfy { $0.frames.count == 1 && $0.share.count == 3 })
        #expect(SplitPlan.taskCount(frames: frames, chunk: 1, shares: 3) == 6)
    }

    @Test(arguments: [(1, nil, 1), (24, nil, 1), (256, nil, 4), (100_000, nil, 8), (24, 6, 6)])
    func `spreads small jobs and shares Blender's start in large ones`(
        _ count: Int, _ wanted: Int?, _ chunk: Int
    ) {
        #expect(SplitPlan.chunk(frameCount: count, wanted: wanted) == chunk)
    }
}

@Suite struct `An uploader's settings` {
    @Test func `take the place of the scene's`() throws {
        let wanted = try RenderOverrides(metadata: [
            "frames": "1-8:2", "chunk": "2", "samples": "16", "resolution": "640X360",
            "format": "jpg", "engine": "eevee", "scene": "Night", "camera": "Cam 2", "other": "x",
        ])
        #expect(wanted.frames == (try FrameRange(first: 1, last: 7, step: 2)))
        #expect(wanted.chunk == 2 && wanted.samples == 16)
        #expect(wanted.resolution == Resolution(width: 640, height: 360))
        #expect(wanted.format == .jpeg)
        #expect(wanted.engine == .eevee)
        #expect(wanted.scene == "Night" && wanted.camera == "Cam 2")
    }

    @Test func `divide a frame's samples among workers, or leave the choice to the farm`() throws {
        let wanted = try RenderOverrides(
            metadata: ["split-samples": "4", "force-slices": "true"])
        #expect(wanted.slices == SliceTerms(shares: 4, isForced: true))
        #expect(try RenderOverrides(metadata: [:]).slices == SliceTerms())
    }

    @Test(arguments: [("45s", 45), ("90m", 5_400), ("2h", 7_200), ("1D", 86_400)])
    func `have a deadline counted from the upload`(_ text: String, _ seconds: Int) throws {
        let wanted = try RenderOverrides(metadata: ["deadline": text, "budget": "2.50"])
        #expect(wanted.deadline == .seconds(seconds))
        #expect(wanted.budget == "2.5")
    }

    @Test(arguments: [
        ("chunk", "0"), ("samples", "many"), ("resolution", "640"), ("resolution", "0x9"),
        ("format", "gif"), ("allow-missing", "yes"), ("deadline", "2"), ("deadline", "0h"),
        ("deadline", "91d"),
        ("deadline", "9223372036854775807d"), ("budget", "free"), ("budget", "0"),
        ("budget", "inf"), ("budget", "0.009999999"), ("budget", "1000000.01"), ("priority", "low"),
        ("split-samples", "0"), ("split-samples", "65"),
        ("force-slices", "1"),
    ])
    func `that are not understood are named, with what is expected`(_ name: String, _ value: String)
    {
        do {
            _ = try RenderOverrides(metadata: [name: value])
            Issue.record("\(name)=\(value) was taken.")
        } catch {
            #expect(error.description.contains("\(name)=\(value)"))
        }
    }
}

@Suite struct `A frame's name` {
    @Test(arguments: [
        (1, "frame_0001.png"), (12345, "frame_12345.png"), (-3, "frame_-0003.png"),
    ])
    func `is padded as Blender pads`(_ number: Int, _ name: String) {
        let frame = FrameName(job: JobID("j-1"), number: number, format: .png)
        #expect(frame.fileName == name)
        #expect(frame.key == "jobs/j-1/frames/" + name)
        #expect(
            TaskID(job: JobID("j-1"), number: 12).logKey(FencingToken(3))
                == "logs/j-1/task-000012.3.log.gz")
    }
}
