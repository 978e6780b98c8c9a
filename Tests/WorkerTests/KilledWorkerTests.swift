import Operations
import Farm
import FarmTesting
import Testing
import Worker

@Suite struct `A worker killed between any two calls` {
    /// What the worker did when it was killed.
    enum Course: CaseIterable {
        case rendering, failing, handingBack

        func begin(_ testFarm: TestFarm) async throws {
            let drain = testFarm.drain
            switch self {
            case .rendering: break
            case .failing:
                testFarm.engine.script(1, .fail(RenderFailure(.crashed, "signal 11")))
            case .handingBack:
                let away = Interruption(.spotTerminate, by: .instanceMetadata)
                testFarm.engine.script(1, .after({ drain.raise(away, at: .testStart) }, .hang))
            }
            _ = try await testFarm.turn()
        }
    }

    /// No repair runs here: the messages alone must lead to every task.
    @Test(arguments: Course.allCases)
    func `leaves a task that the next worker finishes`(_ course: Course) async throws {
        var calls = 0
        var isWhole = false
        while !isWhole {
            let testFarm = try await TestFarm(frames: 1)
            let before = testFarm.faults.callCount
            testFarm.faults.stop(after: calls)
            do {
                try await course.begin(testFarm)
                isWhole = testFarm.faults.callCount - before <= calls
            } catch {
                // The worker was killed. The next one continues.
            }
            testFarm.faults.resume()
            try await testFarm.finishByAnother()
            #expect(
                try await testFarm.task(1).state == .succeeded, "killed after \(calls) calls")
            calls += 1
            try #require(calls < 100, "A turn makes some dozen calls.")
        }
    }
}

@Suite struct `A task that was requeued without a message` {
    /// The handler was killed after its commit and before its message.
    @Test(arguments: [true, false])
    func `is found by the message of the worker that had it`(isDrained: Bool) async throws {
        let testFarm = try await TestFarm(frames: 1)
        let (farm, drain, now) = (testFarm.farm, testFarm.drain, testFarm.time.now())
        let task = TaskID(job: testFarm.job, number: 1)
        let away = Interruption(.spotTerminate, by: .eventBridge)
        let requeue: @Sendable () async -> Void = {
            do {
                _ = try await farm.apply(.interrupt(FencingToken(1), away), to: task, at: now)
            } catch {
                Issue.record("The farm in memory takes it: \(error)")
            }
            if isDrained { drain.raise(away, at: .testStart) }
        }
        testFarm.engine.script(1, .after(requeue, isDrained ? .hang : .render))
        _ = try await testFarm.turn()
        try await testFarm.finishByAnother()
        #expect(try await testFarm.task(1).state == .succeeded)
    }
}
