import AWS
import Farm
import FarmTesting
import Testing

@testable import FarmOnAWS

@Suite struct `An item` {
    private static let lease = Lease(
        worker: WorkerID("i-0abc"), pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
        start: Timestamp(milliseconds: 1_000), until: Timestamp(milliseconds: 121_000))
    private static let id = TaskID(job: JobID("scene-1a2b3c4d"), number: 12)

    private static func frames() throws -> FrameRange {
        try FrameRange(first: 1, last: 7, step: 3)
    }

    private static func job(_ state: Job.State) throws -> Job {
        Job(
            id: id.job,
            source: SceneObject(
                bucket: "input", key: "a/scene.blend", version: "v1", entityTag: "\"e\"",
                byteCount: 5_000_000_000),
            settings: RenderSettings(
                scene: "Scene", frames: try frames(), engine: .cycles,
                resolution: Resolution(width: 1920, height: 1080), format: .png, samples: 64),
            chunk: 2, taskCount: 2, created: Timestamp(milliseconds: 1_000), state: state,
            settled: state.isSettled ? Timestamp(milliseconds: 2_000) : nil,
            tally: JobTally(succeeded: 1, frames: 2, renderMilliseconds: 300))
    }

    @Test func `of an open job has this form`() throws {
        let item = JobItem.item(try Self.job(.rendering))
        #expect(
            item == [
                "pk": "job#scene-1a2b3c4d", "sk": "job", "open": "job", "state": "rendering",
                "source": .map([
                    "bucket": "input", "key": "a/scene.blend", "version": "v1", "tag": "\"e\"",
                    "bytes": 5_000_000_000,
                ]),
                "settings": .map([
                    "scene": "Scene", "first": 1, "last": 7, "step": 3, "engine": "CYCLES",
                    "width": 1920, "height": 1080, "percentage": 100, "format": "PNG",
                    "samples": 64,
                ]),
                "chunk": 2, "tasks": 2, "created": 1_000, "succeeded": 1, "failed": 0,
                "canceled": 0, "assemblies": 0, "frames": 2, "measuredFrames": 0,
                "renderMilliseconds": 300,
                "failures": 0, "interruptions": 0, "costNanodollars": 0, "blankFrames": 0,
            ])
    }

    @Test func `of a settled job has a reason and a time, and is not listed as open`() throws {
        let item = JobItem.item(try Self.job(.failed(.refused("no camera"))))
        #expect(item["open"] == "unnotified")
        #expect(item["state"] == "failed")
        #expect(item["reason"] == .map(["kind": "refused", "reason": "no camera"]))
        #expect(item["settled"] == 2_000)
    }

    @Test(arguments: [
        Job.State.splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling,
        .succeeded,
        .failing(.canaryFailed(untried: 9, reason: "ö")),
        .failing(.firstTasksFailed(count: 3, untried: 7, lastReason: "ü")),
        .failed(.tasksFailed(count: 1, of: 2)), .failed(.refused("é")), .canceled,
    ])
    func `of a job reads back`(_ state: Job.State) throws {
        let job = try Self.job(state)
        #expect(try JobItem.job(JobItem.item(job)) == job)
    }

    private static let states: [RenderTask.State] = [
        .queued, .leased(lease), .succeeded, .failed(RenderFailure(.noPicture, "none")), .canceled,
    ]

    private static func task(_ state: RenderTask.State) throws -> RenderTask {
        RenderTask(
            id: id, frames: try frames(), state: state,
            failures: [RenderTask.Failure(by: WorkerID("i-b"), .memory)], interruptionCount: 2,
            token: FencingToken(3), revision: 9, changed: Timestamp(milliseconds: 2_000))
    }

    @Test func `of a leased task has this form`() throws {
        #expect(
            TaskItem.item(try Self.task(.leased(Self.lease))) == [
                "pk": "job#scene-1a2b3c4d", "sk": "task#000012", "state": "leased",
                "holder": "i-0abc", "first": 1, "last": 7, "step": 3, "token": 3, "revision": 9,
                "failures": 1, "failed": .list([.map(["worker": "i-b", "class": "memory"])]),
                "interruptions": 2, "changed": 2_000,
                "lease": .map([
                    "type": "c5a.2xlarge", "zone": "us-east-1a", "start": 1_000, "until": 121_000,
                ]),
            ])
    }

    @Test func `of a task from a version without error classes keeps its number of failures`()
        throws
    {
        var item = TaskItem.item(try Self.task(.queued))
        item["failed"] = nil
        item["failures"] = 2
        #expect(try TaskItem.task(item).failures.map(\.errorClass) == [.blender, .blender])
    }

    @Test func `of a task that never changed its state has no time of a change`() throws {
        let task = RenderTask(id: Self.id, frames: try Self.frames())
        #expect(TaskItem.item(task)["changed"] == nil)
        #expect(try TaskItem.task(TaskItem.item(task)) == task)
    }

    @Test(arguments: states) func `of a task reads back`(_ state: RenderTask.State) throws {
        let task = try Self.task(state)
        #expect(try TaskItem.task(TaskItem.item(task)) == task)
    }

    @Test(arguments: states)
    func `of a task has a holder only while it is leased`(_ state: RenderTask.State) throws {
        let isLeased = if case .leased = state { true } else { false }
        #expect((TaskItem.item(try Self.task(state))["holder"] != nil) == isLeased)
    }

    private static let outcomes: [Attempt.Outcome] = [
        .succeeded, .failed(RenderFailure(.timeout, "slow")),
        .interrupted(Interruption(.spotTerminate, by: .eventBridge)), .expired, .canceled,
    ]

    @Test(arguments: [SliceTerms(), SliceTerms(shares: 3), SliceTerms(isForced: true)])
    func `of a job keeps its slice settings`(_ terms: SliceTerms) throws {
        let job = Job(
            id: Self.id.job, source: try Self.job(.queued).source, settings: nil, chunk: 1,
            taskCount: 6, created: Timestamp(milliseconds: 1_000), terms: JobTerms(slices: terms))
        #expect(try JobItem.job(JobItem.item(job)) == job)
    }

    @Test func `of a slice reads back`() throws {
        let frames = try FrameRange(first: 7, last: 7)
        let task = RenderTask(
            id: Self.id, frames: frames, share: SampleShare(1, of: 3), priority: .high)
        let item = TaskItem.item(task)
        #expect(item["share"] == 1 && item["shares"] == 3)
        #expect(try TaskItem.task(item) == task)
    }

    private static let sliced = SlicingReport(
        decision: .slices(
            SlicePolicy.Plan(
                length: .seconds(100), wholeWaste: .seconds(90), slicedWaste: .milliseconds(1_234),
                reclaims: ReclaimRate(perHour: 0.25, source: "measured")), .over(2, of: 4)),
        sliceCount: 3, sampleCount: 48, frameSamples: 64,
        mergeMilliseconds: 1_234)

    @Test(
        arguments: outcomes,
        [
            nil,
            RenderReport(
                frameCount: 1, storeMilliseconds: 70, blankFrames: [-3, 7], logKey: "jobs/x.gz",
                blender: BlenderVersion(major: 4, minor: 5, patch: 15),
                use: MachineUse(
                    device: "OPTIX: L4", memoryPeak: 5_583_457_485,
                    synchronizing: .milliseconds(1_200), finishing: .milliseconds(340))),
            RenderReport(slicing: sliced),
        ])
    func `of an attempt reads back`(_ outcome: Attempt.Outcome, _ report: RenderReport?) throws {
        let attempt = Attempt(
            task: Self.id, token: FencingToken(3), lease: Self.lease,
            end: Timestamp(milliseconds: 9_000), outcome: outcome, report: report)
        let item = AttemptItem.item(attempt)
        #expect(item["sk"] == "attempt#000012#000003")
        #expect(try AttemptItem.attempt(item) == attempt)
    }

    @Test func `of an attempt without the later attributes reads`() throws {
        let attempt = Attempt(
            task: Self.id, token: FencingToken(3), lease: Self.lease,
            end: Timestamp(milliseconds: 9_000), outcome: .succeeded,
            report: RenderReport(frameCount: 1, renderMilliseconds: 4_000))
        var item = AttemptItem.item(attempt)
        var report = try #require(item["report"]?.map)
        #expect(report.removeValue(forKey: "use") != nil)
        #expect(report.removeValue(forKey: "storeMilliseconds") != nil)
        item["report"] = .map(report)
        #expect(try AttemptItem.attempt(item) == attempt)
    }

    @Test func `keeps the end of a failure that is too long to be stored`() throws {
        let long = String(repeating: "ü", count: 500_000) + "the end"
        let item = TaskItem.item(try Self.task(.failed(RenderFailure(.crashed, long))))
        guard case .failed(let failure) = try TaskItem.task(item).state else {
            Issue.record("The task is not failed.")
            return
        }
        #expect(failure.message.hasSuffix("the end"))
        #expect(failure.message.utf8.count < 50_000)
    }

    @Test func `keeps the beginning of a reason that is too long to be stored`() throws {
        let long = "no camera" + String(repeating: "x", count: 500_000)
        let item = JobItem.item(try Self.job(.failed(.refused(long))))
        guard case .failed(.refused(let reason)) = try JobItem.job(item).state else {
            Issue.record("The job is not refused.")
            return
        }
        #expect(reason.hasPrefix("no camera"))
        #expect(reason.utf8.count == 8_000)
    }

    /// `SplitPlan` makes numbers of up to six digits. They sort like their keys.
    @Test func `of a task sorts by its number`() {
        let numbers = [1, 9, 10, 99, 100, 12_345, 99_999, 100_000]
        let keys = numbers.map { Key.taskSort($0) }
        #expect(keys == keys.sorted())
        #expect(keys.allSatisfy { $0 < Key.taskEnd })
    }

    @Test(arguments: [
        ("state", AttributeValue.s("baking")), ("state", 7), ("pk", "task#x"), ("sk", "task#x"),
        ("revision", "nine"), ("token", .n("1.5")), ("last", 0), ("holder", .null),
        ("lease", .map(["type": "x"])), ("lease", "x"),
    ])
    func `of a task with a malformed attribute is named in the error`(
        _ name: String, _ value: AttributeValue
    ) throws {
        var item = TaskItem.item(try Self.task(.leased(Self.lease)))
        item[name] = value
        let error = #expect(throws: PortError.self) { try TaskItem.task(item) }
        #expect(error?.kind == .malformed)
        #expect(error?.description.contains(name) == true)
    }

    @Test(arguments: ["pk", "sk", "state", "revision", "token", "first", "lease", "holder"])
    func `of a task that lacks an attribute is named in the error`(_ name: String) throws {
        var item = TaskItem.item(try Self.task(.leased(Self.lease)))
        item[name] = nil
        let error = #expect(throws: PortError.self) { try TaskItem.task(item) }
        #expect(error?.kind == .malformed)
    }
}
