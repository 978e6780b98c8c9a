import Presentation
import Farm
import FarmTesting
import Foundation
import Testing

extension Job {
    init(
        sample state: Job.State, tally: JobTally = JobTally(), settled: Timestamp? = nil,
        frames: Int = 10, chunk: Int = 2, terms: JobTerms = JobTerms(), file: String? = nil,
        missing: [String] = []
    ) throws {
        let settings = RenderSettings(
            file: file, scene: "Scene", frames: try FrameRange(first: 1, last: frames),
            engine: .cycles, resolution: Resolution(width: 64, height: 36), format: .png,
            missing: MissingFiles(missing))
        self.init(
            id: JobID("shot-1a2b3c4d"),
            source: SceneObject(
                bucket: "in", key: "shot.blend", version: nil, entityTag: "t", byteCount: 9),
            settings: settings, chunk: chunk, taskCount: (frames + chunk - 1) / chunk,
            created: .testStart, terms: terms, state: state, settled: settled, tally: tally)
    }
}

func worker(_ id: String, task: Int? = nil, stored: Int = 0) -> WorkerRecord {
    WorkerRecord(
        id: WorkerID(id), pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
        lifecycle: .spot, state: task == nil ? .idle : .rendering, seen: .testStart,
        prices: [PriceStep(time: .testStart, price: "0.1549")],
        progress: task.map {
            WorkerRecord.Progress(
                task: TaskID(job: JobID("shot-1a2b3c4d"), number: $0), start: .testStart,
                framesStored: stored)
        })
}

@Suite struct `TextFigures` {
    @Test(arguments: [
        (0, "0 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (7_500, "2 h 5 min"),
        (90_000, "1 d 1 h"), (-5, "0 s"),
    ])
    func `of time are read at a glance`(_ seconds: Int, _ text: String) {
        #expect(Format.duration(.seconds(seconds)) == text)
    }

    @Test func `of money are exact where they are small`() {
        #expect(Format.dollars("0.01234") == "$0.0123")
        #expect(Format.dollars("12.345") == "$12.35")
        #expect(Format.dollars("0") == "$0.00")
    }

    @Test func `stand in columns`() {
        #expect(
            Format.table([["A", "BCD", "E"], ["FGH", "I", "J"]]) == ["A    BCD  E", "FGH  I    J"])
        #expect(Format.bar(0.5, width: 4) == "[██──]")
        #expect(Format.bar(7, width: 2) == "[██]")
    }
}

@Suite struct `A job in words` {
    @Test func `says what to do next, in every state`() throws {
        let states: [(Job.State, String)] = [
            (.splitting, "watch"), (.queued, "watch"), (.rendering, "cancel"),
            (.paused, "resume"), (.canceling, "cancel"), (.succeeded, "download"),
            (.failed(.tasksFailed(count: 1, of: 5)), "retry"), (.canceled, "retry"),
        ]
        for (state, command) in states {
            let next = JobText.next(try Job(sample: state))
            #expect(next.contains { $0.hasPrefix("spotrender \(command)") }, "\(state)")
        }
        let refused = Job.refused(
            .frames("x"), id: JobID("x-1"), source: try Job(sample: .queued).source, at: .testStart)
        #expect(JobText.next(refused).isEmpty)
    }

    @Test func `says all there is to say`() throws {
        let tally = JobTally(
            succeeded: 2, failed: 1, frames: 4, measuredFrames: 4, renderMilliseconds: 10_000,
            cost: "0.0123", failures: 3, interruptions: 1)
        let lines = JobText.status(
            try Job(
                sample: .rendering, tally: tally,
                terms: JobTerms(deadline: .testStart + .seconds(7_200), budget: "5"),
                file: "film/a.blend", missing: ["//a.png", "//b.png"]),
            at: .testStart + .seconds(75))
        #expect(lines.first == "shot-1a2b3c4d is being rendered")
        let text = lines.joined(separator: "\n")
        for fact in [
            "4 of 10 (1-10)", "5: 2 succeeded, 1 failed, 0 canceled, 2 open",
            "3 failures, 1 interruption", "2.50 s", "$0.0123 of $5.00", "2026-11-21 10:00:00 UTC",
            "1 min 15 s since the upload", "scene      film/a.blend", "missing    //a.png, //b.png",
        ] {
            #expect(text.contains(fact), "\(fact) is not in\n\(text)")
        }
    }

    @Test func `lists the frames that show nothing`() {
        let attempts = [[9, 4], [7, 8, 9], []].map { blank in
            Attempt(
                task: TaskID(job: JobID("shot-1a2b3c4d"), number: 1), token: FencingToken(1),
                lease: Lease(
                    worker: WorkerID("i-a"),
                    pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
                    start: .testStart, until: .testStart),
                end: .testStart, outcome: .succeeded, report: RenderReport(blankFrames: blank))
        }
        let blank = BlankFrames(in: attempts)
        #expect("\(blank)" == "4 frames black or fully transparent: 4, 7-9")
        #expect(BlankFrames(in: [attempts[2]]).isEmpty)
    }

    @Test func `says of a failed attempt where to read on`() throws {
        let lease = Lease(
            worker: WorkerID("i-a"),
            pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"), start: .testStart,
            until: .testStart)
        let id = JobID("shot-1a2b3c4d")
        let failed = Attempt(
            task: TaskID(job: id, number: 3), token: FencingToken(2), lease: lease,
            end: .testStart, outcome: .failed(RenderFailure(.crashed, "signal 11\nlast line")),
            report: RenderReport(logKey: "logs/x.gz"))
        #expect(
            FailureText.lines(failed) == [
                "task 3, attempt 2 on i-a: blender error (the 3rd ends the task)",
                "  signal 11", "  last line",
                "  Blender's log: spotrender logs shot-1a2b3c4d 3 --attempt 2",
            ])
    }
}

@Suite struct `A job that is watched` {
    private func look(
        _ job: Job?, _ workers: [WorkerRecord] = [], samples: [Double] = [], after: Int = 60
    ) -> WatchView.Look {
        WatchView.Look(
            job: job, workers: workers, samples: samples, now: .testStart + .seconds(after))
    }

    @Test func `shows the frame and the sample that each worker is at`() throws {
        var busy = worker("i-a", task: 2, stored: 1)
        busy.progress?.frame = FrameProgress(frame: 4, samples: 5, samplesMax: 64)
        let look = WatchView.Look(
            job: try Job(sample: .rendering), workers: [busy], samples: [], now: .testStart)
        let lines = WatchView().picture(look, width: 200, height: 24)
        #expect(lines.last?.contains("1 of 2 frames") == true)
        #expect(lines.last?.hasSuffix("frame 4, sample 5 of 64") == true)
        #expect(
            JobText.workers([busy], at: .testStart).last?.hasSuffix("sample 5 of 64") == true)
    }

    @Test func `is drawn with its workers, what is left and what it costs`() throws {
        let tally = JobTally(succeeded: 2, frames: 4, cost: "0.04", interruptions: 1)
        let workers = [worker("i-b", task: 4), worker("i-a", task: 3, stored: 1), worker("i-c")]
        let lines = WatchView().picture(
            look(try Job(sample: .rendering, tally: tally), workers, samples: [10, 10]), width: 120,
            height: 24)
        let text = lines.joined(separator: "\n")
        #expect(lines[0] == "shot-1a2b3c4d is being rendered")
        #expect(text.contains("5 of 10 frames, 2 being rendered"))
        #expect(text.contains("about 25 s left"))
        #expect(text.contains("$0.0400 so far, $0.0600 to finish"))
        #expect(text.contains("i-a  c5a.2xlarge/us-east-1a  task 3  1 of 2 frames"))
        #expect(!text.contains("i-c"))
    }

    @Test func `in shares counts no frame before it is stored, nor twice`() throws {
        let terms = JobTerms(slices: SliceTerms(shares: 4))
        let whole = try Job(
            sample: .rendering, tally: JobTally(succeeded: 6, frames: 1), frames: 2, chunk: 1,
            terms: terms)
        let shared = Job(
            id: whole.id, source: whole.source, settings: whole.settings, chunk: 1, taskCount: 8,
            created: whole.created, terms: terms, state: .rendering, tally: whole.tally)
        let text = WatchView().picture(
            look(shared, [worker("i-a", task: 7)]), width: 120, height: 24
        ).joined(separator: "\n")
        #expect(text.contains("1 of 2 frames, 1 being rendered, 1 left"), "\(text)")
        #expect(text.contains("task 7  share 3 of 4 of a frame"), "\(text)")
    }

    @Test func `fits into a small terminal`() throws {
        let workers = (1...9).map { (number: Int) in worker("i-\(number)", task: number) }
        let lines = WatchView().picture(
            look(try Job(sample: .rendering, frames: 90), workers), width: 30, height: 8)
        #expect(lines.count <= 8)
        #expect(lines.allSatisfy { $0.count <= 30 })
        #expect(lines.last == "  and 5 more workers")
    }

    @Test func `has a line for every change of state, and others not too often`() throws {
        var view = WatchView()
        #expect(view.line(look(nil)) == nil)
        #expect(view.line(look(try Job(sample: .queued), after: 1))?.contains("is waiting") == true)
        #expect(view.line(look(try Job(sample: .queued), after: 2)) == nil)
        let first = view.line(look(try Job(sample: .rendering), after: 3))
        #expect(first?.contains("is being rendered: 0 of 10 frames") == true)
        let tally = JobTally(succeeded: 1, frames: 2)
        #expect(view.line(look(try Job(sample: .rendering, tally: tally), after: 4)) == nil)
        let later = view.line(look(try Job(sample: .rendering, tally: tally), after: 13))
        #expect(later?.hasPrefix("2026-11-21T08:00:13Z") == true)
        #expect(later?.contains("2 of 10 frames") == true)
    }
}

@Suite struct `Output to show` {
    /// - Parameter id: A task's number, and an attempt's.
    private func attempt(
        _ id: (task: Int, token: Int), _ outcome: Attempt.Outcome, end: Int,
        _ use: MachineUse? = nil
    ) -> Attempt {
        let task = TaskID(job: JobID("shot-1a2b3c4d"), number: id.task)
        let lease = Lease(
            worker: WorkerID("i-a"),
            pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"), start: .testStart,
            until: .testStart)
        return Attempt(
            task: task, token: FencingToken(id.token), lease: lease,
            end: .testStart + .seconds(end),
            outcome: outcome, report: use.map { RenderReport(use: $0) })
    }

    @Test func `says what the machine was asked`() {
        let attempts = [
            attempt((1, 1), .succeeded, end: 5, MachineUse(device: "CPU", memoryPeak: 242_000_000)),
            attempt(
                (2, 1), .succeeded, end: 5,
                MachineUse(device: "OPTIX: L4", memoryPeak: 5_583_457_485)),
            attempt((3, 1), .expired, end: 5),
        ]
        #expect(
            JobText.machine(attempts) == [
                "Cycles rendered on CPU", "Cycles rendered on OPTIX: L4",
                "Blender took up to 5.2 GiB of memory",
            ])
        #expect(JobText.machine([attempts[2]]).isEmpty)
        #expect(LogChoice.title(attempts[0]).contains("us-east-1a, up to 231 MiB of memory)"))
    }

    @Test func `is that of the last attempt that failed, else of the last`() {
        let failed = Attempt.Outcome.failed(RenderFailure(.crashed, "signal 11"))
        let attempts = [
            attempt((1, 1), failed, end: 5), attempt((2, 1), failed, end: 9),
            attempt((1, 2), .succeeded, end: 20),
        ]
        #expect(LogChoice.choose(attempts) == attempts[1])
        #expect(LogChoice.choose(attempts, task: 1) == attempts[0])
        #expect(LogChoice.choose(attempts, task: 1, attempt: 2) == attempts[2])
        #expect(LogChoice.choose([attempts[2]]) == attempts[2])
        #expect(LogChoice.choose(attempts, task: 3) == nil)
        #expect(LogChoice.title(attempts[1]).contains("signal 11"))
    }
}

@Suite struct `What was decided on slices` {
    private func attempt(
        _ id: (task: Int, token: Int), _ outcome: Attempt.Outcome, seconds: Int,
        _ slicing: (report: SlicingReport, renderSeconds: Int)?
    ) -> Attempt {
        let lease = Lease(
            worker: WorkerID("i-a"),
            pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"), start: .testStart,
            until: .testStart)
        return Attempt(
            task: TaskID(job: JobID("shot-1a2b3c4d"), number: id.task),
            token: FencingToken(id.token), lease: lease, end: .testStart + .seconds(seconds),
            outcome: outcome,
            report: slicing.map {
                RenderReport(
                    renderMilliseconds: Int64($0.renderSeconds) * 1000, fetchMilliseconds: 2_000,
                    slicing: $0.report)
            })
    }

    private func sliced(_ count: Int, merging: Int64 = 0) -> SlicingReport {
        SlicingReport(
            decision: .slices(nil, .none), sliceCount: count, sampleCount: count * 10,
            frameSamples: 64, mergeMilliseconds: merging)
    }

    /// 312 s held, of which 2 were the scene's way here and 260 are in stored slices.
    private var attempts: [Attempt] {
        let notice = Interruption(.spotTerminate, by: .instanceMetadata)
        return [
            attempt((1, 1), .interrupted(notice), seconds: 312, (sliced(3), 260)),
            attempt((1, 2), .expired, seconds: 500, nil),
            attempt((1, 3), .succeeded, seconds: 130, (sliced(2, merging: 1_250), 120)),
            attempt(
                (2, 1), .succeeded, seconds: 60,
                (SlicingReport(decision: .whole(.unsliceable("adaptive"))), 0)),
            attempt(
                (3, 1), .succeeded, seconds: 60,
                (SlicingReport(decision: .whole(.unsliceable("adaptive"))), 0)),
        ]
    }

    @Test func `is shown with its reasons, and with the cost of an interruption`() throws {
        #expect(
            JobText.slicing(SlicingFigures(attempts), of: try Job(sample: .rendering)) == [
                "whole: adaptive (2 tasks)", "slices of a length yet to be measured (1 task)",
                "5 slices with 50 samples stored, merged in 1.3 s",
                "1 interruption of sliced frames: 50 s of render time lost, and no stored slice",
                "1 attempt ended without a report: the slices are kept, but are not counted here",
            ])
        #expect(JobText.slicing(SlicingFigures([]), of: try Job(sample: .rendering)).isEmpty)
    }

    @Test func `is shown only where a frame was sliced or its owner asked for slices`() throws {
        let whole = SlicingFigures(Array(attempts.suffix(2)))
        #expect(JobText.slicing(whole, of: try Job(sample: .rendering)).isEmpty)
        let asked = try Job(sample: .rendering, terms: JobTerms(slices: SliceTerms(isForced: true)))
        #expect(JobText.slicing(whole, of: asked) == ["whole: adaptive (2 tasks)"])
    }
}
