package import Farm

/// A job for programs: the keys of `--json`, which stay as they are.
package struct JobDocument: Encodable, Hashable, Sendable {
    package struct Frames: Encodable, Hashable, Sendable {
        let range: String
        let total: Int
        let done: Int
        /// `null` until one is measured.
        let secondsMean: Double?
    }

    package struct Tasks: Encodable, Hashable, Sendable {
        let total: Int
        let succeeded: Int
        let failed: Int
        let canceled: Int
        let open: Int
    }

    let job: String
    let state: String
    let reason: String?
    let note: String?
    let file: String
    /// The .blend in an archive.
    let scene: String?
    /// What it is rendered without, as its owner wants: as many paths as fit.
    let missing: [String]
    /// `null` for a file that could not be read.
    let frames: Frames?
    let tasks: Tasks
    let failures: Int
    let interruptions: Int
    /// Frames that are black or fully transparent.
    let blankFrames: Int
    let dollars: Double
    let budgetDollars: Double?
    let deadline: String?
    let priority: String
    let created: String
    let settled: String?

    package init(_ job: Job) {
        self.job = job.id.rawValue
        state = job.state.name
        reason = job.state.reason
        note = job.notes.isEmpty ? nil : job.notes.joined(separator: " ")
        file = job.source.key
        scene = job.settings?.file
        missing = job.settings?.missing?.shown ?? []
        frames = job.settings.map {
            Frames(
                range: $0.frames.description, total: $0.frames.count, done: job.tally.frames,
                secondsMean: job.tally.secondsPerFrame)
        }
        tasks = Tasks(
            total: job.taskCount, succeeded: job.tally.succeeded, failed: job.tally.failed,
            canceled: job.tally.canceled, open: job.openTaskCount)
        failures = job.tally.failures
        interruptions = job.tally.interruptions
        blankFrames = job.tally.blankFrames
        dollars = job.tally.dollars
        budgetDollars = job.terms.budget
        deadline = job.terms.deadline.map(Words.time)
        priority = job.terms.priority.rawValue
        created = Words.time(job.created)
        settled = job.settled.map(Words.time)
    }
}

/// An attempt that ended badly, for programs.
package struct FailureDocument: Encodable, Hashable, Sendable {
    let task: Int
    let attempt: Int
    let worker: String
    let kind: String
    let errorClass: String
    /// So many of this class end a task.
    let errorsMax: Int?
    let message: String
    let log: String?
    private let budget: String

    private enum CodingKeys: CodingKey {
        case task, attempt, worker, kind, errorClass, errorsMax, message, log
    }

    /// `nil` for an attempt that did not fail.
    package init?(_ attempt: Attempt, _ retries: RetryPolicy = RetryPolicy()) {
        guard case .failed(let failure) = attempt.outcome else { return nil }
        task = attempt.task.number
        self.attempt = attempt.token.rawValue
        worker = attempt.worker.rawValue
        kind = failure.kind.rawValue
        errorClass = failure.kind.errorClass.rawValue
        errorsMax = retries.failuresMax(of: failure.kind.errorClass)
        budget = retries.words(for: failure.kind.errorClass)
        message = failure.message
        log = attempt.report?.logKey
    }
}

/// What came of slices, for programs.
package struct SlicingDocument: Encodable, Hashable, Sendable {
    package struct Decision: Encodable, Hashable, Sendable {
        let words: String
        let tasks: Int
    }

    let decisions: [Decision]
    let slices: Int
    let samples: Int
    let mergeSeconds: Double
    let interruptions: Int
    /// Render time of those without a stored slice to show for it.
    let lostSeconds: Double
    /// Interrupted attempts that could not tell.
    let unreportedAttempts: Int

    package init(_ figures: SlicingFigures) {
        decisions = figures.decisions.map { Decision(words: $0.words, tasks: $0.taskCount) }
        slices = figures.sliceCount
        samples = figures.sampleCount
        mergeSeconds = figures.merging.seconds
        interruptions = figures.interruptionCount
        lostSeconds = figures.lost.seconds
        unreportedAttempts = figures.unreportedCount
    }
}

/// A worker for programs.
package struct WorkerDocument: Encodable, Hashable, Sendable {
    let worker: String
    let instanceType: String
    let zone: String
    let lifecycle: String
    let state: String
    let since: String
    let seen: String
    let pricePerHour: Double?
    let framesDone: Int
    let graphics: String?
    let job: String?
    let task: Int?
    let framesStored: Int?
    /// Of what it renders now, as of its last word; with Cycles' samples.
    let frame: Int?
    let samples: Int?
    let samplesMax: Int?

    package init(_ worker: WorkerRecord) {
        self.worker = worker.id.rawValue
        instanceType = worker.pool.instanceType
        zone = worker.pool.zone
        lifecycle = worker.lifecycle.rawValue
        state = worker.state.rawValue
        since = Words.time(worker.since)
        seen = Words.time(worker.seen)
        pricePerHour = worker.pricePerHour
        framesDone = worker.framesDone
        graphics = worker.graphics
        job = worker.progress?.task.job.rawValue
        task = worker.progress?.task.number
        framesStored = worker.progress?.framesStored
        frame = worker.progress?.frame?.frame
        samples = worker.progress?.frame?.samples
        samplesMax = worker.progress?.frame?.samplesMax
    }
}

extension FailureDocument {
    /// For people.
    package func lines(of job: JobID) -> [String] {
        ["task \(task), attempt \(attempt), on \(worker), a \(budget):"]
            + message.split(separator: "\n").map { "  \($0)" }
            + (log == nil
                ? [] : ["  Blender's output: spotrender logs \(job) \(task) --attempt \(attempt)"])
    }
}
