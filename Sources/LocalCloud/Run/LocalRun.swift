import AWS
import Digest
package import Farm
import FarmOnAWS
package import FoundationEssentials
package import Logging
import Presentation

/// One scene through the local farm: upload, watch, fetch, sum up.
package struct LocalRun: Sendable {
    /// How often the farm is looked at.
    private static let interval: Duration = .seconds(1)
    /// The splitter answers an upload within seconds, or something is wrong.
    private static let splitBound: Duration = .seconds(90)
    /// Long enough for two more attempts at starting a worker.
    private static let troubleBound: Duration = .seconds(75)
    /// Without a frame, a start or an end for this long the run gives up.
    private static let silenceBound: Duration = .seconds(3600)
    /// Frames in memory at once are none: each goes into its file. This bounds one file.
    private static let frameBytesMax: Int64 = 4 << 30

    private let cloud: LocalCloud
    private let order: RunOrder
    private let now: @Sendable () -> Date
    private let outputs: StackOutputs
    private let files: S3
    private let jobs: DynamoDBJobStore
    private let tasks: DynamoDBTaskStore
    private let notices: DynamoDBNoticeStore
    private let reader: RecordsReader

    package init(
        cloud: LocalCloud, order: RunOrder, log: Logger, now: @escaping @Sendable () -> Date
    ) throws {
        try order.check()
        guard let outputs = try cloud.state.read(StackOutputs.self, from: cloud.state.outputs)
        else {
            throw LocalCloudError(
                "render \(order.fileName)",
                "The local cloud is not up: run `spotrender local up`.")
        }
        let client = try LocalAccount(cloud.state).client(cloud.ports.transport, log)
        let table = FarmTable(DynamoDB(client), name: outputs.table, time: SystemTime())
        self.cloud = cloud
        self.order = order
        self.now = now
        self.outputs = outputs
        files = S3(client)
        jobs = DynamoDBJobStore(table)
        tasks = DynamoDBTaskStore(table)
        notices = DynamoDBNoticeStore(table)
        reader = RecordsReader(
            jobs: jobs, tasks: tasks, workers: DynamoDBWorkerStore(table), notices: notices)
    }

    /// - Returns: The sum; a job that failed is no error here.
    package func run() async throws -> RunSummary {
        // Before the upload: a cloud that is down is found out first.
        _ = try await cloud.status()
        do {
            try FileManager.default.createDirectory(
                atPath: order.out, withIntermediateDirectories: true)
        } catch {
            throw LocalCloudError("make the folder \(order.out)", "\(error)")
        }
        let start = now()
        let id = try await upload()
        cloud.ports.report("Uploaded \(order.fileName) as job \(id)")
        let job = try await watch(id, since: start)
        let end = now()
        let journal = try Journal(path: cloud.state.journal).lines()
        let reclaims = journal.reclaims(since: start)
        // A worker writes down what it did about a notice right after it did it.
        if !reclaims.isEmpty { await cloud.ports.pause(Self.interval) }
        let records = try await reader.records(of: [id])
        return RunSummary(
            job: job, report: FarmReport(records, now: now().timestamp), journal: journal,
            detection: DetectionStatistics(
                reclaims: reclaims, notices: try await notices(of: reclaims, besides: records),
                attempts: records.attempts.filter { $0.task.job == id }),
            from: start, to: end)
    }

    /// An instance without a task is not in the records, but was told of its end all the same.
    private func notices(
        of reclaims: [DetectionStatistics.Reclaim], besides records: FarmReport.Records
    ) async throws -> [NoticeRecord] {
        var found = records.notices
        let known = Set(records.attempts.map(\.worker))
        for reclaim in reclaims where !known.contains(reclaim.worker) {
            found += try await notices.notices(of: reclaim.worker)
        }
        return found
    }

    /// What failed tasks say, at most three: a broken scene fails them all alike.
    package func reasons(of job: JobID) async throws -> [String] {
        try await allTasks(of: job).compactMap { task in
            guard case .failed(let failure) = task.state else { return nil }
            return "frames \(task.frames): \(failure.message)"
        }.prefix(3).map(\.self)
    }

    private func upload() async throws -> JobID {
        let target = S3.Object(bucket: outputs.inputBucket, key: order.fileName)
        let stored = try await files.upload(
            S3.FileUpload(
                order.file, to: target, label: S3.Label(metadata: order.metadata)))
        let source = SceneObject(
            bucket: target.bucket, key: target.key, version: stored.version,
            entityTag: stored.etag, byteCount: 0)
        return JobID(for: source, digest: hex(SHA256.hash(Array(source.identity.utf8))))
    }

    // MARK: Watching

    private func watch(_ id: JobID, since start: Date) async throws -> Job {
        var progress = RunProgress()
        var seen: Set<String> = []
        var interruptions = InterruptionPlan(order.interruptions)
        while true {
            let elapsed = start.duration(to: now())
            let job = try await jobs.job(id)
            let tasks = job == nil ? [] : try await allTasks(of: id)
            let frames = try await fetchNew(of: id, seen: &seen)
            let status = try await cloud.status()
            let look = RunProgress.Look(
                job: job, tasks: tasks, newFrames: frames, status: status, elapsed: elapsed)
            for line in progress.lines(look) { cloud.ports.report(line) }
            if let job, job.state.isSettled {
                if !interruptions.left.isEmpty {
                    let count = interruptions.left.count
                    cloud.ports.report("It ended before \(count) more workers could be taken away.")
                }
                try await fetchExtras(of: id)
                return job
            }
            while let (worker, method) = interruptions.next(
                tasks, status, frameCount: seen.count, at: now().timestamp)
            {
                _ = try await cloud.interrupt(
                    InterruptionOrder(
                        instance: worker.rawValue, afterSeconds: order.interruptAfterSeconds,
                        method: method))
            }
            try check(id, job, progress, elapsed)
            await cloud.ports.pause(Self.interval)
        }
    }

    private func check(
        _ id: JobID, _ job: Job?, _ progress: RunProgress, _ elapsed: Duration
    ) throws(LocalCloudError) {
        if job == nil, elapsed > Self.splitBound {
            throw LocalCloudError(
                "split \(order.fileName)",
                "No job came of it in \(Self.splitBound). The last lines of"
                    + " \(cloud.state.log("job-splitter")): \(cloud.lastLines("job-splitter"))")
        }
        if case .splitting = job?.state, elapsed > Self.splitBound {
            throw LocalCloudError(
                "split \(order.fileName)",
                "Its tasks are written and its messages are not. The last lines of"
                    + " \(cloud.state.log("job-splitter")): \(cloud.lastLines("job-splitter"))")
        }
        if let (since, text) = progress.troubled, elapsed - since > Self.troubleBound {
            throw LocalCloudError("render \(id)", text)
        }
        if elapsed - progress.lastChange > Self.silenceBound {
            throw LocalCloudError(
                "render \(id)",
                "Nothing has happened for \(Self.silenceBound). See \(cloud.state.logs).")
        }
    }

    private func allTasks(of job: JobID) async throws -> [RenderTask] {
        var found: [RenderTask] = []
        // Far more than the splitter makes of one upload.
        for _ in 0..<1000 {
            let page = try await tasks.tasks(of: job, after: found.last?.id.number ?? 0, limit: 500)
            found += page
            if page.count < 500 { break }
        }
        return found
    }

    /// Downloads the frames that were not there before.
    private func fetchNew(of job: JobID, seen: inout Set<String>) async throws -> [String] {
        let prefix = "jobs/\(job)/frames/"
        let listing = try await files.listAllObjects(
            bucket: outputs.outputBucket, prefix: prefix, countMax: 1_000_000)
        var names: [String] = []
        for entry in listing.entries where seen.insert(entry.key).inserted {
            let name = String(entry.key.dropFirst(prefix.count))
            _ = try await files.getObject(
                S3.Object(bucket: outputs.outputBucket, key: entry.key),
                to: S3.Download("\(order.out)/\(name)", lengthMax: Self.frameBytesMax))
            names.append(name)
        }
        return names
    }

    /// Downloads what was written with the frames, and made of them.
    private func fetchExtras(of job: JobID) async throws {
        let left = S3JobFiles(files, bucket: outputs.outputBucket)
        for file in try await left.files(of: job, picturesOnly: true)
        where !file.name.hasPrefix("frames/") {
            let target = URL(filePath: "\(order.out)/\(file.name)")
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            _ = try await left.fetch(file, to: target.path)
        }
    }
}
