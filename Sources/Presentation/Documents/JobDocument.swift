package import Farm
internal import FoundationEssentials

/// A job.
package struct JobDocument: Document, Hashable {
    let job: String
    let state: String
    /// Why the job failed.
    let reason: String?
    /// What holds the job up, or looks wrong.
    let notes: [String]
    /// The uploaded object's key.
    let file: String
    /// The .blend in an archive.
    let scene: String?
    /// Files that the scene needs and lacks, as many as the job's record holds.
    let missingFiles: [String]
    /// The frames as a range, `1-240:2`; absent for a file that could not be read.
    let frames: String?
    let framesTotal: Int?
    let framesDone: Int
    /// Absent until one frame is measured.
    let frameMeanSeconds: Double?
    let tasksTotal: Int
    let tasksSucceeded: Int
    let tasksFailed: Int
    let tasksCanceled: Int
    let tasksOpen: Int
    let failures: Int
    let interruptions: Int
    /// How many frames are black or fully transparent.
    let blankFrames: Int
    let costUSD: Decimal
    let budgetUSD: Decimal?
    let deadline: String?
    let priority: String
    let created: String
    let settled: String?

    package init(_ job: Job) {
        self.job = job.id.rawValue
        state = job.state.name
        reason = job.state.reason
        notes = job.noteWords
        file = job.source.key
        scene = job.settings?.file
        missingFiles = job.settings?.missing?.shown ?? []
        frames = job.settings?.frames.description
        framesTotal = job.settings?.frames.count
        framesDone = job.tally.frames
        frameMeanSeconds = job.tally.secondsPerFrame
        tasksTotal = job.taskCount
        tasksSucceeded = job.tally.succeeded
        tasksFailed = job.tally.failed
        tasksCanceled = job.tally.canceled
        tasksOpen = job.openTaskCount
        failures = job.tally.failures
        interruptions = job.tally.interruptions
        blankFrames = job.tally.blankFrames
        costUSD = Decimal(usd: job.tally.cost)
        budgetUSD = job.terms.budget.map { Decimal(usd: $0) }
        deadline = job.terms.deadline.map(Format.time)
        priority = job.terms.priority.rawValue
        created = Format.time(job.created)
        settled = job.settled.map(Format.time)
    }
}

/// Jobs, as `spotrender jobs` and `spotrender status` list them.
package struct JobsDocument: Document, Hashable {
    let jobs: [JobDocument]

    package init(_ jobs: [Job]) {
        self.jobs = jobs.map { JobDocument($0) }
    }
}
