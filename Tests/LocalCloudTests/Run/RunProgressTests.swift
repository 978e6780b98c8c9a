import Farm
import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `A run's progress` {
    private static let id = JobID("marbles-1a2b3c4d")
    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1b")

    static func job(_ state: Job.State, tally: JobTally = JobTally()) throws -> Job {
        Job(
            id: id,
            source: SceneObject(
                bucket: "in", key: "marbles.blend", version: nil, entityTag: "e", byteCount: 1),
            settings: RenderSettings(
                scene: "Scene", frames: try FrameRange(first: 1, last: 6), engine: .cycles,
                resolution: Resolution(width: 64, height: 36), format: .png),
            chunk: 3, taskCount: 2, created: Timestamp(milliseconds: 0), state: state,
            tally: tally)
    }

    static func task(
        _ state: RenderTask.State, failures: Int = 0, interruptions: Int = 0
    ) throws -> RenderTask {
        RenderTask(
            id: TaskID(job: id, number: 1), frames: try FrameRange(first: 1, last: 3),
            state: state,
            failures: Array(
                repeating: RenderTask.Failure(by: WorkerID("i-a"), .blender), count: failures),
            interruptionCount: interruptions,
            token: FencingToken(1), revision: 1)
    }

    private func look(
        _ job: Job? = nil, tasks: [RenderTask] = [], frames: [String] = [],
        instances: [String] = [], trouble: String? = nil, at seconds: Int
    ) -> RunProgress.Look {
        RunProgress.Look(
            job: job, tasks: tasks, newFrames: frames,
            status: EmulatorStatus(
                instances: instances.map {
                    EmulatorStatus.Line(
                        id: "i-1", zone: "us-east-1b", state: $0, launched: "", pid: 1,
                        price: "0.1619")
                }, trouble: trouble),
            elapsed: .seconds(seconds))
    }

    @Test func `says each thing once`() throws {
        var progress = RunProgress()
        let queued = try Self.job(.queued)
        #expect(
            progress.lines(look(queued, instances: ["running"], at: 1)) == [
                "   1 s  marbles-1a2b3c4d is split: frames 1-6, 2 tasks wait for workers",
                "   1 s  i-1 runs in us-east-1b at $0.1619/h",
            ])
        #expect(progress.lines(look(queued, instances: ["running"], at: 2)).isEmpty)
        #expect(progress.lastChange == .seconds(1))
    }

    @Test func `counts the frames`() throws {
        var progress = RunProgress()
        let rendering = try Self.job(.rendering)
        _ = progress.lines(look(rendering, frames: ["frame_0001.png"], at: 1))
        #expect(
            progress.lines(look(rendering, frames: ["frame_0004.png"], at: 125))
                == [" 125 s  frame_0004.png is there (2 of 6)"])
    }

    @Test func `tells of interruptions and failures`() throws {
        var progress = RunProgress()
        #expect(
            progress.lines(look(tasks: [try Self.task(.queued, interruptions: 1)], at: 1))
                == ["   1 s  frames 1-3 were interrupted and wait again"])
        #expect(
            progress.lines(
                look(tasks: [try Self.task(.queued, failures: 1, interruptions: 1)], at: 2))
                == ["   2 s  frames 1-3 failed; they are tried again"])
        let end = RenderTask.State.failed(RenderFailure(.scene, "There is no camera."))
        #expect(
            progress.lines(look(tasks: [try Self.task(end, failures: 2, interruptions: 1)], at: 3))
                == ["   3 s  frames 1-3 failed for good: There is no camera."])
    }

    @Test func `ends with the job's end, after its last frame`() throws {
        var progress = RunProgress()
        #expect(
            progress.lines(look(try Self.job(.succeeded), frames: ["frame_0006.png"], at: 9)) == [
                "   9 s  frame_0006.png is there (1 of 6)", "   9 s  marbles-1a2b3c4d is done",
            ])
    }

    @Test func `remembers since when there is trouble`() {
        var progress = RunProgress()
        _ = progress.lines(look(trouble: "no Blender", at: 5))
        _ = progress.lines(look(trouble: "no Blender", at: 9))
        #expect(progress.troubled?.since == .seconds(5))
        _ = progress.lines(look(at: 10))
        #expect(progress.troubled == nil)
    }
}
