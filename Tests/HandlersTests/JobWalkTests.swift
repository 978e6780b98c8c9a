import Farm
import FarmTesting
import Testing

/// Chooses by its seed who does what on a job's way.
private struct Course {
    let walk: JobWalk
    /// Whether people cancel it, and try it again.
    let isCanceled: Bool
    let isRetried: Bool
    /// How often, in a hundred, someone dies, a task ends badly, a person says something.
    private let deaths: Int
    private let faults: Int
    private let commands: Int
    private var random: SeededGenerator

    init(seed: UInt64, _ flaw: InMemoryFarm.Flaw? = nil) async throws {
        random = SeededGenerator(seed: seed)
        isCanceled = Int.random(in: 0..<4, using: &random) == 0
        isRetried = Int.random(in: 0..<4, using: &random) > 0
        deaths = [0, 2, 5].randomElement(using: &random) ?? 0
        faults = [0, 20, 50].randomElement(using: &random) ?? 0
        commands = [5, 20, 40].randomElement(using: &random) ?? 0
        walk = try await JobWalk(&random, flaw)
    }

    /// Everyone at once, dying anywhere; and at last those at work to their ends, unless they have
    /// none.
    mutating func run() async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            var count = 0
            func begin(_ work: @escaping @Sendable () async throws(PortError) -> Void) {
                count += 1
                walk.turnstile.enter(count)
                group.addTask { [walk, count] in
                    await walk.turnstile.act(as: count) {
                        // Killed, or always a moment too late.
                        do { try await work() } catch { return }
                    }
                }
            }
            begin(walk.split)
            for _ in 0..<stepsMax {
                let waiting = await walk.turnstile.whenAllWait()
                if waiting.count < 4, waiting.isEmpty || chance(20) { begin(next()) }
                if chance(3) { walk.time.advance(by: .seconds(chance(30) ? 601 : 31)) }
                if let one = waiting.randomElement(using: &random) {
                    walk.turnstile.release(one, live: !chance(deaths))
                }
            }
            var stepsLeft = stepsMax * 10
            while let one = await walk.turnstile.whenAllWait().randomElement(using: &random) {
                stepsLeft -= 1
                walk.turnstile.release(one, live: stepsLeft > 0)
            }
            return stepsLeft > 0
        }
    }

    private let stepsMax = 500

    private mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    /// Who comes next, and to do what.
    private mutating func next() -> @Sendable () async throws(PortError) -> Void {
        let walk = walk
        if chance(commands) {
            var commands: [JobWalk.Command] = [.pause, .resume, .resume]
            if isCanceled { commands.append(.cancel) }
            if isRetried { commands += [.retry, .retryFailed, .retryFailed] }
            let command = commands.randomElement(using: &random) ?? .resume
            return { () async throws(PortError) in try await walk.steer(command) }
        }
        if chance(20) { return walk.tick }
        if chance(5) { return walk.split }
        let worker = WorkerID("i-\(Int.random(in: 1...9, using: &random))")
        let bad: [JobWalk.TaskEnd] = [.failed, .failed, .faulty, .interrupted, .silent]
        let ending = chance(faults) ? bad.randomElement(using: &random) : nil
        return { () async throws(PortError) in
            try await walk.work(as: worker, ending ?? .succeeded)
        }
    }

    /// What a healthy farm makes of it, whose owner lets it go on: the job when it is settled.
    func recover() async throws -> Job {
        for _ in 0..<roundsMax {
            try await walk.tick()
            let job = try await walk.stored
            if job.state == .paused { try await walk.steer(.resume) }
            // Who tried it again died, and is told so.
            if job.state.isSettled, job.openTaskCount > 0 { try await walk.steer(.retry) }
            for _ in 0..<turnsMax {
                guard try await walk.work(as: WorkerID("i-0"), .succeeded) else { break }
            }
            let left = try await walk.stored
            if left.state.isSettled, left.openTaskCount == 0 { return left }
            walk.time.advance(by: .seconds(601))
        }
        return try await walk.stored
    }

    private let roundsMax = 12
    /// More messages than there can be.
    private let turnsMax = 2_000
}

@Suite struct `A job among workers, ticks and people who all may die anywhere` {
    @Test(arguments: 0..<400 as Range<UInt64>)
    func `comes to one end, with every frame settled once`(_ seed: UInt64) async throws {
        let found = try await violations(Course(seed: seed))
        #expect(found == [], "\(found)")
    }

    @Test(arguments: InMemoryFarm.Flaw.allCases)
    func `does not when what is stored is not compared`(_ flaw: InMemoryFarm.Flaw) async throws {
        var found: [String] = []
        for seed in 0..<100 as Range<UInt64> where found.isEmpty {
            found = try await violations(Course(seed: seed, flaw))
        }
        #expect(!found.isEmpty)
    }

    /// What is wrong in the end, or was on the way.
    private func violations(_ course: Course) async throws -> [String] {
        var course = course
        guard await course.run() else { return ["They go on without an end."] }
        let job = try await course.recover()
        guard job.state.isSettled, job.openTaskCount == 0 else {
            return ["It never ends: \(job.state), \(job.tally)"]
        }
        let tasks = try await course.walk.tasks
        let counted = tasks.filter { $0.work == .frames }.reduce(into: JobTally()) { sum, task in
            switch task.state {
            case .queued, .leased: break
            case .succeeded:
                sum.succeeded += 1
                sum.frames += task.frames.count
            case .failed: sum.failed += 1
            case .canceled: sum.canceled += 1
            }
        }
        let tally = job.tally
        let rules = [
            "All its tasks are there": tasks.count == job.writtenTaskCount,
            "Its counts are what its tasks are": (tally.succeeded, tally.failed, tally.canceled)
                == (counted.succeeded, counted.failed, counted.canceled),
            "Each frame counts once": tally.frames == counted.frames,
            "It is done when all its tasks are": (job.state == .succeeded)
                == (tally.succeeded == job.taskCount),
        ]
        let broken = rules.filter { !$0.value }.map { "Not so: \($0.key): \(job.state), \(tally)" }
        return try await broken + violations(on: course, job)
    }

    /// By all that moved.
    private func violations(on course: Course, _ job: Job) async throws -> [String] {
        var violations: [String] = []
        var leases = 0
        var successes: [TaskID: Int] = [:]
        var state = Job.State.splitting
        var isAssembled = false
        for moved in await course.walk.farm.moves {
            let move: TaskTransition
            switch moved {
            case .task(let transition): move = transition
            case .job(let next):
                // What is being canceled only ends, and what has ended is only opened again.
                if state.endsTasks && !next.isSettled || state.isSettled && next.isSettled {
                    violations.append("It went from \(state) to \(next).")
                }
                state = next
                continue
            }
            let task = move.to
            if state.isSettled, !course.isRetried {
                violations.append("A task moved after its job's end: \(task)")
            }
            switch (task.state, task.work) {
            case (.leased, let work):
                leases += task.token == move.from.token ? 0 : 1
                let mayBegin =
                    !job.terms.hasCanary || job.isCanary(task.id) || work == .assembly
                    || successes.count >= SplitPlan.canaryCount
                if !mayBegin { violations.append("It was begun before the canary: \(task)") }
            case (.succeeded, .frames):
                successes[task.id, default: 0] += 1
                isAssembled = false
            case (.succeeded, .assembly): isAssembled = true
            case (.queued, _), (.failed, _), (.canceled, _): break
            }
        }
        if successes.values.contains(where: { $0 > 1 }) {
            violations.append("A success was committed twice.")
        }
        let attempts = try await course.walk.farm.attempts(of: job.id)
        let ended = Set(attempts.map { "\($0.task) \($0.token)" })
        if attempts.count != leases || ended.count != leases {
            violations.append("There are \(attempts.count) attempts of \(leases) leases.")
        }
        let assembly = try await course.walk.farm.task(job.assembly)
        // Who tries frames again in the very moment in which a worker begins to assemble may have
        // an old sheet.
        if assembly?.state == .succeeded, !isAssembled, !course.isRetried {
            violations.append("Frames came after they were assembled.")
        }
        return violations
    }
}
