import Farm
import FarmTesting
import Testing

private let start = Timestamp.testStart
private let anna = WorkerID("i-a")
private let bert = WorkerID("i-b")
private let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

/// A task that failed in these ways, one worker after the other.
private func task(failing kinds: [RenderFailure.Kind]) throws -> RenderTask {
    var task = RenderTask(
        id: TaskID(job: JobID("shot-12345678"), number: 7),
        frames: try FrameRange(first: 1, last: 1))
    for (place, kind) in kinds.enumerated() {
        let worker = WorkerID("i-\(place)")
        task = try task.apply(.lease(worker, pool, until: start + .seconds(120)), at: start).to
        task = try task.apply(
            .fail(task.token, RenderFailure(kind, "\(kind)"), RenderReport()), at: start
        ).to
    }
    return task
}

@Suite struct `An error's class` {
    @Test(arguments: [
        (RenderFailure.Kind.scene, 1), (.noPicture, 3), (.crashed, 3), (.memory, 2), (.timeout, 2),
        (.noBlender, 3), (.disk, 3), (.store, 3),
    ])
    func `has a budget of its own, whose last failure ends the task`(
        _ kind: RenderFailure.Kind, _ countMax: Int
    ) throws {
        let kinds = Array(repeating: kind, count: countMax)
        #expect(try task(failing: Array(kinds.dropLast())).state == .queued)
        #expect(
            try task(failing: kinds).state == .failed(RenderFailure(kind, "\(kind)")))
        #expect(RetryPolicy().failuresMax(of: kind.errorClass) == countMax)
    }

    @Test func `takes nothing from another's budget`() throws {
        let mixed: [RenderFailure.Kind] = [
            .crashed, .memory, .timeout, .store, .noPicture, .disk,
        ]
        #expect(try task(failing: mixed).state == .queued)
        #expect(try task(failing: mixed).failures.count == 6)
        for last in [RenderFailure.Kind.crashed, .memory, .timeout, .noBlender, .scene] {
            #expect(try task(failing: mixed + [last]).state.isTerminal)
        }
    }

    @Test func `is told with its budget`() {
        let policy = RetryPolicy()
        #expect(policy.words(for: .scene) == "scene error (not retried)")
        #expect(policy.words(for: .memory) == "memory error (the 2nd ends the task)")
        #expect(policy.words(for: .interruption) == "interruption (uses no retry)")
    }

    @Test func `of an attempt is by how it ended`() {
        let away = Interruption(.spotTerminate, by: .eventBridge)
        let outcomes: [Attempt.Outcome] = [
            .succeeded, .canceled, .interrupted(away), .expired,
            .failed(RenderFailure(.memory, "signal 9")),
        ]
        #expect(outcomes.map(\.errorClass) == [nil, nil, .interruption, .interruption, .memory])
    }
}

@Suite struct `A task that a worker failed` {
    @Test func `is left to others for a while, and then taken, for there may be none`() throws {
        let failed = try task(failing: [.crashed])
        let first = WorkerID("i-0")
        #expect(failed.isForOthers(than: first, at: start))
        #expect(!failed.isForOthers(than: bert, at: start))
        #expect(failed.isForOthers(than: first, at: start + .seconds(59)))
        #expect(!failed.isForOthers(than: first, at: start + .seconds(60)))
    }

    @Test func `is anybody's again when its owner wants it tried again`() throws {
        let ended = try task(failing: [.scene])
        let again = try ended.apply(.retry, at: start).to
        #expect(again.failures.isEmpty && !again.isForOthers(than: WorkerID("i-0"), at: start))
    }

    @Test func `and was interrupted before is no other's for that`() throws {
        var task = try task(failing: [])
        task = try task.apply(.lease(anna, pool, until: start + .seconds(120)), at: start).to
        let away = Interruption(.spotTerminate, by: .eventBridge)
        task = try task.apply(.interrupt(task.token, away), at: start).to
        #expect(!task.isForOthers(than: anna, at: start))
    }
}
