internal import Inspection
internal import Operations
internal import Digest
package import Farm
internal import FoundationEssentials
package import Logging

/// Turns uploads into jobs: `job`, then `tasks`, then `messages`, then the job is `queued`.
///
/// Each step can be repeated without harm. An invocation that is killed between two calls, retried
/// or doubled still leaves exactly one whole job: a job is created once, an existing task is never
/// overwritten, and a worker drops a second message for a task.
package struct SplitJob: Sendable {
    private let scenes: any SceneStore
    /// A folder for the .blends of an archive during the inspection.
    private let scratch: String
    private let jobs: any JobStore
    private let tasks: any TaskStore
    private let queue: any TaskQueue
    private let time: any TimeSource
    /// Whether workers can assemble a job's pictures.
    private let assembles: Bool
    private let log: Logger

    package init(
        scenes: any SceneStore, scratch: String, jobs: any JobStore, tasks: any TaskStore,
        queue: any TaskQueue,
        time: any TimeSource, assembles: Bool = false, log: Logger
    ) {
        self.scenes = scenes
        self.scratch = scratch
        self.jobs = jobs
        self.tasks = tasks
        self.queue = queue
        self.time = time
        self.assembles = assembles
        self.log = log
    }

    /// What became of one record.
    package enum Outcome: Hashable, Sendable {
        case ignored
        case split(JobID, taskCount: Int)
        case refused(JobID, JobRefusal)
        /// An earlier delivery has done everything.
        case known(JobID)
    }

    /// Tries every record, and throws the first error afterwards. One bad object does not delay the
    /// others. After an error, Lambda delivers the event again.
    package func handle(_ event: S3Event) async throws(PortError) -> [Outcome] {
        if event.isTest { log.info("ignored S3's test event") }
        var outcomes: [Outcome] = []
        var firstError: PortError?
        for record in event.records {
            do {
                outcomes.append(try await split(record))
            } catch {
                log.error(
                    "split failed",
                    metadata: ["key": "\(record.s3.object.key)", "error": "\(error)"])
                firstError = firstError ?? error
            }
        }
        if let firstError { throw firstError }
        return outcomes
    }

    private func split(_ record: S3Event.Record) async throws(PortError) -> Outcome {
        let bucket = record.s3.bucket.name
        guard let key = record.s3.object.decodedKey else {
            return ignore(record.s3.object.key, "its name is not valid UTF-8")
        }
        guard record.eventName.hasPrefix("ObjectCreated") else {
            return ignore(key, "the event is \(record.eventName)")
        }
        guard !key.hasSuffix("/") else { return ignore(key, "it is a folder") }
        guard let kind = UploadKind(name: key) else {
            return ignore(key, "it is no .blend, .zip, .tar.gz or .project")
        }
        let version = record.s3.object.versionId
        guard let upload = try await scenes.find(bucket: bucket, key: key, version: version) else {
            return ignore(key, "it is not in the bucket any more")
        }
        return try await split(upload, kind)
    }

    private func ignore(_ key: String, _ reason: String) -> Outcome {
        log.info("ignored an object", metadata: ["key": "\(key)", "reason": "\(reason)"])
        return .ignored
    }

    private func split(
        _ upload: UploadedScene, _ kind: UploadKind
    ) async throws(PortError) -> Outcome {
        let id = JobID(of: upload.object)
        if let known = try await jobs.job(id) { return try await finish(known) }
        let job: Job
        switch try await plan(id, upload, kind) {
        case .success(let planned):
            job = planned
        case .failure(let refusal):
            let refused = Job.refused(refusal, id: id, source: upload.object, at: time.now())
            _ = try await jobs.create(refused)
            log.warning("refused a scene", metadata: ["job": "\(id)", "reason": "\(refusal)"])
            return .refused(id, refusal)
        }
        if try await jobs.create(job) { return try await finish(job) }
        // Another delivery of the same upload was faster. Continue from the job that it wrote.
        guard let winner = try await jobs.job(id) else {
            throw PortError(
                .unavailable, "create job \(id)", "it was created and is gone; try again")
        }
        return try await finish(winner)
    }

    /// Completes a job in `splitting`.
    private func finish(_ job: Job) async throws(PortError) -> Outcome {
        guard case .splitting = job.state, let settings = job.settings else {
            log.info("the job is known already", metadata: ["job": "\(job.id)"])
            return .known(job.id)
        }
        let completion = CompleteSplit(jobs: jobs, tasks: tasks, queue: queue, time: time)
        try await completion.complete(job)
        log.info(
            "split a job",
            metadata: [
                "job": "\(job.id)", "tasks": "\(job.taskCount)", "frames": "\(settings.frames)",
            ])
        return .split(job.id, taskCount: job.taskCount)
    }

    /// The planned job, or the refusal. Throws when the file can't be read now.
    private func plan(
        _ id: JobID, _ upload: UploadedScene, _ kind: UploadKind
    ) async throws(PortError) -> Result<Job, JobRefusal> {
        do throws(InspectionStop) {
            let overrides: RenderOverrides
            do {
                overrides = try RenderOverrides(metadata: upload.metadata)
            } catch {
                return .failure(error)
            }
            let scene = try await inspect(id, upload.object, kind, file: overrides.file)
            return Result { () throws(JobRefusal) in try job(id, upload, scene, overrides) }
        } catch {
            switch error {
            case .refused(let refusal): return .failure(refusal)
            case .world(let error): throw error
            }
        }
    }

    private func inspect(
        _ id: JobID, _ upload: SceneObject, _ kind: UploadKind, file: String?
    ) async throws(InspectionStop) -> SceneInspection {
        switch kind {
        case .scene:
            return try await .alone(upload.key, SceneBytes(scene: upload, store: scenes))
        case .project:
            return try await ArchiveInspection.inspect(
                upload.byteCount, file: file,
                in: ArchiveInspection.Scratch("\(scratch)/\(id)-\(UUID())")
            ) { (range) async throws(PortError) in
                try await scenes.read(range, of: upload)
            }
        case .listing:
            return try await ListingInspection.inspect(upload, file: file, in: scenes)
        }
    }

    private func job(
        _ id: JobID, _ upload: UploadedScene, _ scene: SceneInspection,
        _ overrides: RenderOverrides
    ) throws(JobRefusal) -> Job {
        let settings = try SceneSettings.merged(scene, overrides)
        let count = settings.frames.count
        let shares = overrides.slices.shares
        guard count * shares <= SplitPlan.framesMax else {
            throw .tooManyFrames(count, max: SplitPlan.framesMax / shares)
        }
        let chunk =
            shares > 1 ? 1 : SplitPlan.chunk(frameCount: count, wanted: overrides.chunk)
        let hasCanary =
            overrides.hasCanary && SplitPlan.canHaveCanary(frameCount: count, shares: shares)
        let now = time.now()
        return Job(
            id: id, source: upload.object, settings: settings, chunk: chunk,
            taskCount: SplitPlan.taskCount(
                frames: settings.frames, chunk: chunk, shares: shares, hasCanary: hasCanary),
            created: now,
            terms: JobTerms(
                deadline: overrides.deadline.map { now + $0 }, budget: overrides.budget,
                priority: overrides.priority, slices: overrides.slices,
                // A single frame is its own contact sheet.
                assembles: assembles && overrides.assembles && count > 1,
                hasCanary: hasCanary))
    }
}
