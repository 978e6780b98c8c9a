import Operations
import Farm

extension FarmStage {
    package static let jobRules: [ContractRule<FarmStage>] = [
        ContractRule("A job that is not there reads as nil.") { stage in
            let job = try await stage.jobs.job(stage.id("nowhere"))
            try require(job, equals: nil, "the job")
        },
        ContractRule("A job reads back as it was written.") { stage in
            for job in try stage.jobsOfAllShapes {
                try require(try await stage.jobs.create(job), "\(job.id) was not created.")
                try require(try await stage.stored(job.id), equals: job, "the job")
            }
        },
        ContractRule("A job is created once, and the first one stays.") { stage in
            let first = try FarmStage.job(stage.id("once"), taskCount: 3)
            let second = try FarmStage.job(stage.id("once"), taskCount: 4)
            try require(try await stage.jobs.create(first), "The first was not created.")
            try require(try await !stage.jobs.create(second), "The second was created too.")
            try require(try await stage.stored(first.id), equals: first, "the job")
        },
        ContractRule("One of many concurrent creations wins.") { stage in
            let job = try FarmStage.job(stage.id("created"), taskCount: 1)
            let wins = try await concurrently(8) { _ in try await stage.jobs.create(job) }
            try require(wins.count { $0 }, equals: 1, "the creations that won")
        },
        ContractRule("A job is replaced only from the state it was read in.") { stage in
            let job = try await stage.makeJob("replaced", taskCount: 1)
            let split = try require(job.after(.split, at: FarmStage.start), "split is refused")
            let canceled = try require(
                job.after(.cancel, at: FarmStage.start), "cancel is refused")
            try require(try await stage.jobs.replace(job, with: split), "The first lost.")
            try require(try await !stage.jobs.replace(job, with: canceled), "The second won.")
            try require(try await stage.stored(job.id).state, equals: .queued, "the state")
        },
        ContractRule("A job that is not there is not replaced.") { stage in
            let job = try FarmStage.job(stage.id("absent"), taskCount: 1)
            let split = try require(job.after(.split, at: FarmStage.start), "split is refused")
            try require(try await !stage.jobs.replace(job, with: split), "It was replaced.")
            try require(try await stage.jobs.job(job.id), equals: nil, "the job")
        },
        ContractRule("Replacing a job leaves the tally to the tasks.") { stage in
            let job = try await stage.makeJob("tallied", taskCount: 2)
            let id = TaskID(job: job.id, number: 1)
            let token = try await stage.lease(id)
            try await stage.move(id, .succeed(token, RenderReport(frameCount: 1)))
            let split = try require(job.after(.split, at: FarmStage.start), "split is refused")
            try require(try await stage.jobs.replace(job, with: split), "It was not replaced.")
            let stored = try await stage.stored(job.id)
            try require(stored.tally.succeeded, equals: 1, "the succeeded tasks")
            try require(stored.state, equals: .queued, "the state")
        },
        ContractRule("A job is settled only on the counts it was decided from.") { stage in
            let job = try await stage.makeJob("counted", taskCount: 1)
            let id = TaskID(job: job.id, number: 1)
            try await stage.move(id, .cancel)
            let ended = try await stage.stored(job.id)
            let settled = try require(
                ended.after(.settle, at: FarmStage.start), "settle is refused")
            try await stage.move(id, .retry)
            try require(
                try await !stage.jobs.replace(ended, with: settled),
                "It was settled though a task was retried.")
            try await stage.move(id, .cancel)
            try require(try await stage.jobs.replace(ended, with: settled), "It was not settled.")
            try require(try await stage.stored(job.id).tally.canceled, equals: 1, "the canceled")
        },
        ContractRule("One caller notifies of a settled job, and another one when the first died.") {
            stage in
            let job = try await stage.makeJob("notified", taskCount: 1)
            let (start, end) = (FarmStage.start, FarmStage.start + .seconds(60))
            try require(
                try await !stage.jobs.claimNotification(of: job.id, until: end, at: start),
                "An open job was claimed.")
            try await stage.move(TaskID(job: job.id, number: 1), .cancel)
            try await stage.jobs.apply(.settle, to: job.id, at: start)
            let isThere = { (jobs: [Job]) in jobs.contains { $0.id == job.id } }
            try await eventually("the unnotified jobs", by: stage.time) {
                try await stage.jobs.unnotifiedJobs()
            } until: {
                isThere($0)
            }
            for now in [start, end] {
                let wins = try await concurrently(4) { _ in
                    try await stage.jobs.claimNotification(
                        of: job.id, until: now + .seconds(60), at: now)
                }
                try require(wins.count { $0 }, equals: 1, "the callers that notify")
            }
            let marks = try await concurrently(4) { _ in try await stage.jobs.markNotified(job.id) }
            try require(marks.count { $0 }, equals: 1, "the callers that marked it")
            try require(
                try await !stage.jobs.claimNotification(
                    of: job.id, until: end + .seconds(600), at: end + .seconds(300)),
                "A marked job was claimed again.")
            try await eventually("the unnotified jobs", by: stage.time) {
                try await stage.jobs.unnotifiedJobs()
            } until: {
                !isThere($0)
            }
            try await eventually("the settled jobs", by: stage.time) {
                try await stage.jobs.settledJobs()
            } until: {
                isThere($0)
            }
        },
        ContractRule("A note comes and goes, and moves nothing else.") { stage in
            let job = try await stage.makeJob("noted", taskCount: 1)
            for note in Self.notes {
                try await stage.jobs.note(note, on: job.id)
                try require(try await stage.stored(job.id).note, equals: note, "the note")
            }
            try await stage.jobs.note(nil, on: job.id)
            try require(try await stage.stored(job.id), equals: job, "the job")
        },
        ContractRule("Jobs are listed as long as they are not settled.") { stage in
            let open = try await stage.makeJob("open", taskCount: 1)
            let closed = try await stage.makeJob("closed", taskCount: 1)
            try await stage.move(TaskID(job: closed.id, number: 1), .cancel)
            try await stage.jobs.apply(.settle, to: closed.id, at: FarmStage.start)
            let settled = try await stage.stored(closed.id)
            try require(settled.settled, equals: FarmStage.start, "the settled time")
            let refused = Job.refused(
                .frames("x"), id: stage.id("refused"), source: open.source, at: FarmStage.start)
            try require(try await stage.jobs.create(refused), "It was not created.")
            try await eventually("the open jobs", by: stage.time) {
                try await stage.jobs.openJobs()
            } until: { jobs in
                jobs.contains(open)
                    && !jobs.contains { $0.id == closed.id || $0.id == refused.id }
            }
        },
    ]

    private static let notes: [JobNote] = [
        .budgetSpent(
            spent: Money(nanodollars: 510_000_000), budget: Money(nanodollars: 500_000_000),
            framesLeft: 9),
        .budgetShort(
            spent: Money(nanodollars: 10_000_000), budget: Money(nanodollars: 2_500_000_000),
            framesPaid: 4, framesLeft: 9),
        .missingAssembly(reason: "“ffmpeg” crashed."), .blankFrames(count: 3),
    ]

    private var jobsOfAllShapes: [Job] {
        get throws {
            let plain = try Self.job(id("plain"), taskCount: 7)
            let source = SceneObject(
                bucket: "input", key: "späte Szene+%20.blend", version: nil, entityTag: "\"e\"",
                byteCount: 0)
            let settings = RenderSettings(
                file: "Film/Szene 2.blend", scene: "Szene 2",
                frames: try FrameRange(first: -10, last: 20, step: 3),
                engine: Engine("LUXCORE"), resolution: Resolution(width: 4, height: 65_536),
                format: .multilayerEXR, samples: 64, camera: "Kamera “zwei”",
                missing: MissingFiles(["//a.png", "//ü.png"], count: 3),
                savedBy: BlenderVersion(major: 2, minor: 79, patch: 0))
            let full = Job(
                id: id("full"), source: source, settings: settings, chunk: 8, taskCount: 2,
                created: Self.start,
                terms: JobTerms(
                    deadline: Self.start + .seconds(7200), budget: "2.5", priority: .high,
                    assembles: true, hasCanary: true),
                state: .failed(.tasksFailed(count: 2, of: 2)),
                settled: Self.start + .seconds(1), note: .missingAssembly(reason: "Kein “Film”."),
                tally: JobTally(
                    succeeded: 1, failed: 2, canceled: 3, assemblies: 1, frames: 4,
                    measuredFrames: 5,
                    renderMilliseconds: 6,
                    byType: ["c5a.2xlarge": RenderTime(frames: 3, milliseconds: 4)],
                    cost: "9", failures: 7, interruptions: 8, blankFrames: 10))
            let refused = Job.refused(
                .unreadable("it is empty"), id: id("unreadable"), source: source, at: Self.start)
            return [plain, full, refused]
        }
    }
}

/// Runs a piece of work `count` times at once. The answers come in no order.
func concurrently<Answer: Sendable>(
    _ count: Int, _ work: @escaping @Sendable (Int) async throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: Answer.self) { group in
        for index in 0..<count {
            group.addTask { try await work(index) }
        }
        var answers: [Answer] = []
        for try await answer in group { answers.append(answer) }
        return answers
    }
}
