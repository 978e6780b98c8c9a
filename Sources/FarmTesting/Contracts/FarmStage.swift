import Operations
package import Farm

/// Where the contracts of `JobStore` and `TaskStore` are checked: both share one table.
package struct FarmStage: Sendable {
    package let jobs: any JobStore
    package let tasks: any TaskStore
    package let time: any TimeSource
    /// Goes into every job's name, so that a table may serve many runs.
    package let run: String

    package init(
        jobs: any JobStore, tasks: any TaskStore, time: any TimeSource, run: String
    ) {
        self.jobs = jobs
        self.tasks = tasks
        self.time = time
        self.run = run
    }

    static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")
    static let start = Timestamp.testStart

    func id(_ name: String) -> JobID { JobID("\(name)-\(run)") }

    func worker(_ name: String) -> WorkerID { WorkerID("i-\(name)-\(run)") }

    /// A job in the store, with its tasks, one frame each.
    func makeJob(_ name: String, taskCount: Int) async throws -> Job {
        let job = try Self.job(id(name), taskCount: taskCount)
        try require(try await jobs.create(job), "A new job could not be created.")
        if let frames = job.settings?.frames {
            try await tasks.create(
                SplitPlan.tasks(of: job.id, SplitPlan.Division(frames, chunk: job.chunk)))
        }
        return job
    }

    static func job(_ id: JobID, taskCount: Int) throws -> Job {
        let settings = RenderSettings(
            scene: "Scene", frames: try FrameRange(first: 1, last: taskCount), engine: .cycles,
            resolution: Resolution(width: 1920, height: 1080, percentage: 50), format: .png)
        return Job(
            id: id,
            source: SceneObject(
                bucket: "input", key: "scenes/\(id).blend", version: "v1", entityTag: "\"tag\"",
                byteCount: 4_294_967_297),
            settings: settings, chunk: 1, taskCount: taskCount, created: start)
    }

    func stored(_ id: TaskID) async throws -> RenderTask {
        try require(try await tasks.task(id), "Task \(id) is not there.")
    }

    func stored(_ id: JobID) async throws -> Job {
        try require(try await jobs.job(id), "Job \(id) is not there.")
    }

    /// Applies an event that must move the task.
    @discardableResult
    func move(
        _ id: TaskID, _ event: RenderTask.Event, at now: Timestamp = start,
        retries: RetryPolicy = RetryPolicy()
    ) async throws -> TaskTransition {
        let outcome = try await tasks.apply(event, to: id, at: now, retries: retries)
        guard case .moved(let transition) = outcome else {
            throw ContractViolation("\(event) did not move task \(id): \(outcome)")
        }
        return transition
    }

    func lease(_ id: TaskID, to name: String = "worker") async throws -> FencingToken {
        let event = RenderTask.Event.lease(
            worker(name), Self.pool, until: Self.start + .seconds(120), pricePerHour: "0.1549")
        return try await move(id, event).to.token
    }
}
