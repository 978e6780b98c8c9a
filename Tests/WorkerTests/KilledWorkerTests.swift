import Farm
import FarmTesting
import Testing
import Worker

@Suite struct `A worker killed between any two calls` {
    /// What it was about when it was killed.
    enum Course: CaseIterable {
        case rendering, failing, handingBack

        func begin(_ bench: Bench) async throws {
            let drain = bench.drain
            switch self {
            case .rendering: break
            case .failing:
                bench.engine.script(1, .fail(RenderFailure(.crashed, "signal 11")))
            case .handingBack:
                let away = Interruption(.spotTerminate, by: .instanceMetadata)
                bench.engine.script(1, .after({ drain.raise(away, at: .testStart) }, .hang))
            }
            _ = try await bench.turn()
        }
    }

    /// No repair runs here: the messages alone must lead to every task.
    @Test(arguments: Course.allCases)
    func `leaves a task that the next worker finishes`(_ course: Course) async throws {
        var calls = 0
        var isWhole = false
        while !isWhole {
            let bench = try await Bench(frames: 1)
            let before = bench.faults.callCount
            bench.faults.stop(after: calls)
            do {
                try await course.begin(bench)
                isWhole = bench.faults.callCount - before <= calls
            } catch {
                // Killed: the next one finds what is there.
            }
            bench.faults.resume()
            try await bench.finishByAnother()
            #expect(
                try await bench.task(1).state == .succeeded, "killed after \(calls) calls")
            calls += 1
            try #require(calls < 100, "A turn makes some dozen calls.")
        }
    }
}

@Suite struct `A task that someone else requeued without a message` {
    /// The handler was killed after its commit, before its message.
    @Test(arguments: [true, false])
    func `is found by the message of the worker that had it`(isDrained: Bool) async throws {
        let bench = try await Bench(frames: 1)
        let (farm, drain, now) = (bench.farm, bench.drain, bench.time.now())
        let task = TaskID(job: bench.job, number: 1)
        let away = Interruption(.spotTerminate, by: .eventBridge)
        let requeue: @Sendable () async -> Void = {
            do {
                _ = try await farm.apply(.interrupt(FencingToken(1), away), to: task, at: now)
            } catch {
                Issue.record("The farm in memory takes it: \(error)")
            }
            if isDrained { drain.raise(away, at: .testStart) }
        }
        bench.engine.script(1, .after(requeue, isDrained ? .hang : .render))
        _ = try await bench.turn()
        try await bench.finishByAnother()
        #expect(try await bench.task(1).state == .succeeded)
    }
}
