import Farm
import FarmTesting
import Testing

private let camera = RenderFailure(.scene, "It has no camera.")

/// A job of five tasks, or of 24 frames behind a canary.
private func makeJob(
    _ state: Job.State, _ tally: JobTally = JobTally(), hasCanary: Bool = false,
    assembles: Bool = false
) throws -> Job {
    let settings = RenderSettings(
        scene: "Scene", frames: try FrameRange(first: 1, last: hasCanary ? 24 : 5),
        engine: .cycles, resolution: Resolution(width: 64, height: 36), format: .png)
    return Job(
        id: JobID("shot-12345678"),
        source: SceneObject(
            bucket: "input", key: "shot.blend", version: nil, entityTag: "e", byteCount: 9),
        settings: settings, chunk: 1, taskCount: settings.frames.count, created: .testStart,
        terms: JobTerms(assembles: assembles, hasCanary: hasCanary), state: state, tally: tally)
}

private let first = TaskID(job: JobID("shot-12345678"), number: 1)
private let tenth = TaskID(job: JobID("shot-12345678"), number: 10)

/// One row of the table: a job, an event, and what they come to.
struct JobMove: CustomTestStringConvertible, Sendable {
    let name: String
    let job: Job
    let event: Job.Event
    let state: String
    let effects: [Job.Effect]

    var testDescription: String { name }

    private init(
        _ name: String, _ job: Job, _ event: Job.Event, _ state: String,
        _ effects: [Job.Effect] = []
    ) {
        self.name = name
        self.job = job
        self.event = event
        self.state = state
        self.effects = effects
    }

    static func all() throws -> [JobMove] {
        let proven = JobTally(succeeded: 3, frames: 3)
        let dead = JobTally(succeeded: 1, failed: 1, frames: 1)
        let done = JobTally(succeeded: 5, frames: 5)
        let trying = try makeJob(.trying, proven, hasCanary: true)
        let assembly = trying.id
        return [
            JobMove("split", try makeJob(.splitting), .split, "queued"),
            JobMove(
                "split, with a canary", try makeJob(.splitting, hasCanary: true), .split, "trying"),
            JobMove(
                "split, canary rendered", try makeJob(.splitting, proven, hasCanary: true), .split,
                "trying", [.prove]),
            JobMove("canary succeeded", trying, .endTask(first), "trying", [.prove]),
            JobMove("repair finds the canary succeeded", trying, .settle, "trying", [.prove]),
            JobMove("prove", trying, .prove, "queued"),
            JobMove(
                "repair finds the canary failed", try makeJob(.trying, dead, hasCanary: true),
                .settle,
                "trying", [.giveUpAfterCanary]),
            JobMove(
                "give up", try makeJob(.trying, dead, hasCanary: true), .giveUp(camera), "failing",
                [.cancelTasks]),
            JobMove("start", try makeJob(.queued), .start, "rendering"),
            JobMove("last task", try makeJob(.rendering, done), .endTask(first), "succeeded"),
            JobMove(
                "last task, with assembly", try makeJob(.rendering, done, assembles: true),
                .endTask(first), "assembling",
                [.enqueueAssembly(TaskID(job: assembly, number: 6))]),
            JobMove("pause", try makeJob(.rendering), .pause, "paused"),
            JobMove("resume", try makeJob(.paused), .resume, "queued", [.enqueueTasks]),
            JobMove(
                "resume, canary open", try makeJob(.paused, hasCanary: true), .resume, "trying",
                [.enqueueTasks]),
            JobMove("cancel", try makeJob(.rendering), .cancel, "canceling", [.cancelTasks]),
            JobMove(
                "last task canceled", try makeJob(.canceling, JobTally(canceled: 5)), .settle,
                "canceled"),
            JobMove("reopen", try makeJob(.canceled, JobTally(succeeded: 4)), .reopen, "queued"),
        ]
    }
}

@Suite struct `A job's transition` {
    @Test(arguments: try JobMove.all())
    func `has one state and its effects`(_ row: JobMove) throws {
        let transition = try row.job.apply(row.event, at: .testStart)
        #expect(transition.from == row.job)
        #expect(transition.to.state.name == row.state)
        #expect(transition.effects == row.effects)
    }

    @Test func `is refused when the event comes again or too late`() throws {
        let settled = try makeJob(.succeeded, JobTally(succeeded: 5, frames: 5))
        for event in [
            Job.Event.split, .prove, .start, .endTask(first), .settle, .pause, .resume, .cancel,
            .giveUp(camera),
        ] {
            #expect(throws: Job.TransitionError.illegal(event, in: .succeeded)) {
                try settled.apply(event, at: .testStart)
            }
        }
    }

    @Test func `is refused while the counts do not allow it`() throws {
        let proven = JobTally(succeeded: 3, frames: 3)
        let rows: [(Job, Job.Event)] = [
            (try makeJob(.rendering, JobTally(succeeded: 4)), .endTask(first)),
            (try makeJob(.trying, hasCanary: true), .prove),
            (try makeJob(.trying, hasCanary: true), .settle),
            (try makeJob(.rendering, JobTally(failed: 2)), .giveUp(camera)),
            // Only the canary's own tasks send the other messages.
            (try makeJob(.trying, proven, hasCanary: true), .endTask(tenth)),
        ]
        for (job, event) in rows {
            #expect(throws: Job.TransitionError.premature(event)) {
                try job.apply(event, at: .testStart)
            }
        }
    }
}
