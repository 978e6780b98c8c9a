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

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        isCanceled = Int.random(in: 0..<4, using: &random) == 0
        isRetried = Int.random(in: 0..<4, using: &random) > 0
        deaths = [0, 2, 5].randomElement(using: &random) ?? 0
        faults = [0, 20, 50].randomElement(using: &random) ?? 0
        commands = [5, 20, 40].randomElement(using: &random) ?? 0
        walk = try await JobWalk(&random)
    }

    /// Everyone at once, dying anywhere; and at last those at work to their ends.
    mutating func run() async {
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
            while let one = await walk.turnstile.whenAllWait().randomElement(using: &random) {
                walk.turnstile.release(one)
            }
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
        let bad: [JobWalk.Ending] = [.failed, .failed, .faulty, .interrupted, .silent]
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
            while try await walk.work(as: WorkerID("i-0"), .succeeded) {}
            let left = try await walk.stored
            if left.state.isSettled, left.openTaskCount == 0 { return left }
            walk.time.advance(by: .seconds(601))
        }
        return try await walk.stored
    }

    private let roundsMax = 12
}

@Suite struct `A job among workers, ticks and people who all may die anywhere` {
    @Test(arguments: 0..<400 as Range<UInt64>)
    func `comes to one end, with every frame settled once`(_ seed: UInt64) async throws {
        var course = try await Course(seed: seed)
        await course.run()
        let job = try await course.recover()
        try #require(job.state.isSettled, "\(job.state), \(job.tally)")
        let tasks = try await course.walk.tasks
        #expect(tasks.count == job.writtenTaskCount)
        #expect(job.tally.succeeded == tasks.count { $0.isOfFrames && $0.state == .succeeded })
        #expect(job.tally.canceled == tasks.count { $0.isOfFrames && $0.state == .canceled })
        #expect(
            job.tally.failed == tasks.count { $0.isOfFrames && $0.hasFailed }
                && job.openTaskCount == 0)
        #expect(
            job.tally.frames
                == tasks.filter { $0.isOfFrames && $0.state == .succeeded }
                .reduce(0) { $0 + $1.frames.count })
        #expect((job.state == .succeeded) == (job.tally.succeeded == job.taskCount))
        if !course.isCanceled { #expect(job.state != .canceled || job.tally.canceled > 0) }
        try await check(course, job, tasks)
    }

    /// The same told by all that moved on the way.
    private func check(_ course: Course, _ job: Job, _ tasks: [RenderTask]) async throws {
        var leases = 0
        var successes: [TaskID: Int] = [:]
        var isSettled = false
        var isAssembled = false
        for move in await course.walk.farm.moves {
            switch move {
            case .job(let state): isSettled = state.isSettled
            case .task(let task):
                #expect(!isSettled || course.isRetried, "A task moved after its job's end: \(task)")
                switch task.to.state {
                case .leased:
                    leases += task.to.token == task.from.token ? 0 : 1
                    guard task.to.work == .frames else { continue }
                    #expect(
                        !job.terms.hasCanary || job.isCanary(task.to.id)
                            || successes.count >= SplitPlan.canaryCount,
                        "Task \(task.to.id) was begun before the canary had ended.")
                case .succeeded:
                    successes[task.to.id, default: 0] += task.to.work == .frames ? 1 : 0
                    isAssembled = task.to.work == .assembly
                case .queued, .failed, .canceled: break
                }
            }
        }
        #expect(successes.values.allSatisfy { $0 <= 1 })
        let attempts = try await course.walk.farm.attempts(of: job.id)
        #expect(attempts.count == leases, "There are as many attempts as leases.")
        #expect(Set(attempts.map { "\($0.task) \($0.token)" }).count == leases)
        if tasks.last?.work == .assembly, tasks.last?.state == .succeeded {
            #expect(isAssembled, "Frames came after they were assembled.")
        }
    }
}

extension RenderTask {
    fileprivate var isOfFrames: Bool { work == .frames }

    fileprivate var hasFailed: Bool { if case .failed = state { true } else { false } }
}
