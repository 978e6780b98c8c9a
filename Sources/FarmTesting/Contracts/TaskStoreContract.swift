import Operations
import Farm

extension FarmStage {
    package static let taskRules: [ContractRule<FarmStage>] =
        creationRules + commitRules + listRules

    private static let creationRules: [ContractRule<FarmStage>] = [
        ContractRule("A task that is not there reads as nil.") { stage in
            let task = try await stage.tasks.task(TaskID(job: stage.id("nowhere"), number: 1))
            try require(task, equals: nil, "the task")
        },
        ContractRule("Creating tasks again leaves those that are there as they are.") { stage in
            let job = try await stage.makeJob("again", taskCount: 3)
            let leased = TaskID(job: job.id, number: 2)
            _ = try await stage.lease(leased)
            let before = try await stage.stored(leased)
            let frames = try FrameRange(first: 1, last: 205)
            let all = SplitPlan.tasks(of: job.id, SplitPlan.Division(frames, chunk: 1))
            try await stage.tasks.create(all)
            try require(try await stage.stored(leased), equals: before, "the leased task")
            let stored = try await stage.tasks.tasks(of: job.id, after: 0, limit: 1_000)
            try require(stored.map(\.id), equals: all.map(\.id), "the tasks")
        },
        ContractRule("Creating no tasks does nothing.") { stage in
            try await stage.tasks.create([])
        },
        ContractRule("Two splitters at once create each task once.") { stage in
            let job = try FarmStage.job(stage.id("twice"), taskCount: 150)
            let all = SplitPlan.tasks(
                of: job.id, SplitPlan.Division(try FrameRange(first: 1, last: 150), chunk: 1))
            _ = try await concurrently(3) { _ in try await stage.tasks.create(all) }
            let stored = try await stage.tasks.tasks(of: job.id, after: 0, limit: 1_000)
            try require(stored, equals: all, "the tasks")
        },
    ]

    private static let commitRules: [ContractRule<FarmStage>] = [
        ContractRule("A task reads back as it was moved, in every state.") { stage in
            let job = try await stage.makeJob("states", taskCount: 5)
            let failure = RenderFailure(.noPicture, "Blender said:\n\"Fra:1 ü\"")
            for number in 1...5 {
                let id = TaskID(job: job.id, number: number)
                let token = try await stage.lease(id)
                let event: RenderTask.Event =
                    switch number {
                    case 1: .renew(token, until: FarmStage.start + .seconds(300))
                    case 2: .succeed(token, RenderReport(frameCount: 1, renderMilliseconds: 5))
                    case 5: .promise(token, until: FarmStage.start + .seconds(100))
                    case 3: .fail(token, failure, RenderReport(logKey: "jobs/x/logs/y.gz"))
                    default: .cancel
                    }
                let moved = try await stage.move(
                    id, event, retries: RetryPolicy(blender: 1))
                try require(try await stage.stored(id), equals: moved.to, "the task")
            }
        },
        ContractRule("A frame of several shares is counted once, and that reads back.") { stage in
            let job = try await stage.makeJob("shares", taskCount: 1)
            let shares = SplitPlan.tasks(
                of: job.id,
                SplitPlan.Division(try FrameRange(first: 7, last: 7), chunk: 1, shares: 2))
            let task = RenderTask(
                id: TaskID(job: job.id, number: 2), frames: shares[0].frames,
                share: shares[0].share)
            try await stage.tasks.create([task])
            let counts = try await concurrently(4) { _ in
                let outcome = try await stage.tasks.apply(
                    .countFrame, to: task.id, at: FarmStage.start)
                if case .moved = outcome { return true }
                return false
            }
            try require(counts.count { $0 }, equals: 1, "the counts that went through")
            try require(try await stage.stored(task.id).isFrameCounted, "It is not counted.")
            try require(
                try await stage.stored(job.id).tally, equals: JobTally(frames: 1), "the tally")
        },
        ContractRule("An assembly is counted apart, and reads back.") { stage in
            let job = try await stage.makeJob("assembly", taskCount: 1)
            let task = RenderTask(
                id: job.assembly, frames: try FrameRange(first: 1, last: 9), work: .assembly)
            try await stage.tasks.create([task])
            try require(try await stage.stored(task.id), equals: task, "the task")
            let token = try await stage.lease(task.id)
            try await stage.move(task.id, .succeed(token, RenderReport()))
            let tally = try await stage.stored(job.id).tally
            try require(tally.assemblies, equals: 1, "the assemblies")
            try require(tally.terminalTasks, equals: 0, "the ended tasks")
            try require(tally.cost >= .zero, "Its cost is below nothing.")
            try await stage.move(task.id, .retry)
            try require(
                try await stage.stored(job.id).tally.assemblies, equals: 0, "the assemblies")
        },
        ContractRule("Exactly one of many concurrent leases wins.") { stage in
            let job = try await stage.makeJob("race", taskCount: 1)
            let id = TaskID(job: job.id, number: 1)
            let queued = try await stage.stored(id)
            let wins = try await concurrently(16) { index in
                let transition = try queued.apply(
                    .lease(
                        stage.worker("racer-\(index)"), FarmStage.pool,
                        until: FarmStage.start + .seconds(120)),
                    at: FarmStage.start)
                return try await stage.tasks.commit(transition) ? transition.to : nil
            }.compactMap { $0 }
            try require(wins.count, equals: 1, "the leases that won")
            try require(try await stage.stored(id), equals: wins[0], "the task")
        },
        ContractRule("A late commit writes neither task, attempt nor tally.") { stage in
            let job = try await stage.makeJob("late", taskCount: 1)
            let id = TaskID(job: job.id, number: 1)
            let token = try await stage.lease(id)
            let before = try await stage.stored(id)
            let late = try before.apply(
                .succeed(token, RenderReport(frameCount: 1)), at: FarmStage.start)
            let renewed = try await stage.move(
                id, .renew(token, until: FarmStage.start + .seconds(999)))
            try require(try await !stage.tasks.commit(late), "The late commit was stored.")
            try require(try await stage.stored(id), equals: renewed.to, "the task")
            try require(try await stage.tasks.attempts(of: job.id), equals: [], "the attempts")
            try require(try await stage.stored(job.id).tally, equals: JobTally(), "the tally")
        },
        ContractRule("One of many concurrent successes counts.") { stage in
            let job = try await stage.makeJob("doubled", taskCount: 1)
            let id = TaskID(job: job.id, number: 1)
            let token = try await stage.lease(id)
            let leased = try await stage.stored(id)
            let success = try leased.apply(
                .succeed(token, RenderReport(frameCount: 1, renderMilliseconds: 10)),
                at: FarmStage.start)
            let wins = try await concurrently(8) { _ in try await stage.tasks.commit(success) }
            try require(wins.count { $0 }, equals: 1, "the successes that won")
            try require(try await stage.stored(job.id).tally, equals: success.tally, "the tally")
            try require(
                try await stage.tasks.attempts(of: job.id).count, equals: 1, "the attempts")
        },
        ContractRule("The tally is the sum of what concurrent commits added.") { stage in
            let job = try await stage.makeJob("sum", taskCount: 12)
            let tallies = try await concurrently(12) { index in
                try await stage.live(TaskID(job: job.id, number: index + 1))
            }
            let sum = tallies.reduce(JobTally(), +)
            let stored = try await stage.stored(job.id)
            try require(stored.tally, equals: sum, "the tally")
            try require(stored.openTaskCount, equals: 0, "the open tasks")
            try require(
                try await stage.tasks.attempts(of: job.id).count, equals: 36, "the attempts")
        },
        ContractRule("Moves that are stored together are stored all or none.") { stage in
            let count = TaskTransition.togetherMax
            let job = try await stage.makeJob("together", taskCount: count + 1)
            for number in 1...count {
                _ = try await stage.lease(TaskID(job: job.id, number: number))
            }
            let tasks = try await stage.tasks.tasks(of: job.id, after: 0, limit: count)
            let moves = try tasks.map { try $0.apply(.cancel, at: FarmStage.start) }
            try await stage.move(TaskID(job: job.id, number: 7), .cancel)
            try require(
                try await !stage.tasks.commit(moves), "They were stored though one had moved.")
            try require(try await stage.stored(job.id).tally.canceled, equals: 1, "the canceled")
            let others = moves.filter { $0.to.id.number != 7 }
            try require(try await stage.tasks.commit(others), "They were not stored.")
            try require(
                try await stage.stored(job.id).tally.canceled, equals: count, "the canceled")
            try require(
                try await stage.tasks.attempts(of: job.id).count, equals: count, "the attempts")
        },
        ContractRule("Nothing is written for a task whose job is gone.") { stage in
            let id = TaskID(job: stage.id("orphan"), number: 1)
            let task = RenderTask(id: id, frames: try FrameRange(first: 1, last: 1))
            try await stage.tasks.create([task])
            let cancel = try task.apply(.cancel, at: FarmStage.start)
            do {
                _ = try await stage.tasks.commit(cancel)
            } catch let error as PortError {
                try require(error.kind, equals: .missing, "the kind of error")
                try require(try await stage.stored(id), equals: task, "the task")
                return
            }
            throw ContractViolation("The commit went through without a job.")
        },
    ]

    private static let listRules: [ContractRule<FarmStage>] = [
        ContractRule("Every lease that ended has its attempt.") { stage in
            let job = try await stage.makeJob("attempts", taskCount: 1)
            let id = TaskID(job: job.id, number: 1)
            let late = FarmStage.start + .seconds(121)
            var expected: [Attempt?] = []
            var token = try await stage.lease(id)
            let notice = Interruption(.spotTerminate, by: .instanceMetadata)
            expected.append(try await stage.move(id, .interrupt(token, notice)).attempt)
            token = try await stage.lease(id)
            expected.append(try await stage.move(id, .expire, at: late).attempt)
            token = try await stage.lease(id)
            let failure = RenderFailure(.crashed, "signal 11")
            let event = RenderTask.Event.fail(token, failure, RenderReport(logKey: "log"))
            expected.append(try await stage.move(id, event).attempt)
            token = try await stage.lease(id)
            let report = RenderReport(frameCount: 1, renderMilliseconds: 2, byteCount: 3)
            expected.append(try await stage.move(id, .succeed(token, report), at: late).attempt)
            let attempts = try await stage.tasks.attempts(of: job.id)
            try require(
                attempts.sorted { $0.token < $1.token }, equals: expected.compactMap { $0 },
                "the attempts")
        },
        ContractRule("Tasks are listed in order, page by page.") { stage in
            let job = try await stage.makeJob("pages", taskCount: 230)
            _ = try await stage.makeJob("pages-of-another", taskCount: 2)
            var numbers: [Int] = []
            for _ in 0..<10 {
                let page = try await stage.tasks.tasks(
                    of: job.id, after: numbers.last ?? 0, limit: 100)
                try require(page.count <= 100, "The page has \(page.count) tasks.")
                numbers += page.map(\.id.number)
                if page.isEmpty { break }
            }
            try require(numbers, equals: Array(1...230), "the numbers")
        },
        ContractRule("A worker's list has the tasks it holds, and no others.") { stage in
            let job = try await stage.makeJob("held", taskCount: 4)
            let ids = (1...4).map { TaskID(job: job.id, number: $0) }
            _ = try await stage.lease(ids[0], to: "holder")
            let token = try await stage.lease(ids[1], to: "holder")
            _ = try await stage.lease(ids[2], to: "other")
            try await stage.move(ids[1], .interrupt(token, Interruption(.drain, by: .signal)))
            try await eventually("the held tasks", by: stage.time) {
                try await stage.tasks.tasks(heldBy: stage.worker("holder"))
            } until: {
                $0.map(\.id) == [ids[0]]
            }
        },
    ]

    /// A task's life with an interruption, a failure and a success; the attempts that it added.
    private func live(_ id: TaskID) async throws -> JobTally {
        let interrupted = try await move(
            id,
            .interrupt(try await lease(id), Interruption(.spotTerminate, by: .eventBridge)))
        let failed = try await move(
            id, .fail(try await lease(id), RenderFailure(.timeout, "slow"), RenderReport()))
        let token = try await lease(id)
        let succeeded = try await move(
            id, .succeed(token, RenderReport(frameCount: 1, renderMilliseconds: 7)))
        return interrupted.tally + failed.tally + succeeded.tally
    }
}
