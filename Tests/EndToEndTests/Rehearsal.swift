import AWS
import Farm
import FarmOnAWS
import Foundation
import HTTP
import LocalCloud
import Logging
import Operations
import Testing

/// The local farm from within, to act at an exact moment: the tasks in the table, the calls that
/// pass the launcher, and Blender's output so far.
struct Rehearsal {
    /// The moment was missed. The test may try again.
    struct Missed: Error {
        let moment: String
    }

    let farm: LocalFarm
    let aws: AWSFarm
    /// The bucket with frames and slices.
    let bucket: String
    private let inputBucket: String
    private let launcher: LoopbackCall
    private let folder: StateFolder

    init(_ farm: LocalFarm) throws {
        self.farm = farm
        folder = StateFolder(path: farm.state)
        let transport = MultiTransport(requestsMax: 8)
        let script = try #require(folder.read(folder.environmentScript))
        let pairs = script.split(separator: "\n").map {
            $0.trimmingPrefix("export ").split(separator: "=", maxSplits: 1).map(String.init)
        }
        let environment = Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
        let settings = try Settings(environment: environment)
        (bucket, inputBucket) = (settings.outputBucket, settings.inputBucket)
        aws = try AWSFarm(
            environment: environment, transport: transport,
            log: Logger(label: "rehearsal") { _ in SwiftLogNoOpLogHandler() })
        let account = try LocalAccount(folder)
        launcher = LoopbackCall(
            transport: transport, port: account.port, secretKey: account.secretKey)
    }

    /// Looks ten times a second until it finds something.
    func until<Sight>(
        _ moment: String, within bound: Duration = .seconds(120),
        _ look: () async throws -> Sight?
    ) async throws -> Sight {
        let clock = ContinuousClock()
        let end = clock.now + bound
        while clock.now < end {
            if let sight = try await look() { return sight }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Missed(moment: moment)
    }

    /// Uploads a file as it is, without the checks of `spotrender submit`.
    func upload(_ path: String, _ metadata: [String: String]) async throws -> JobID {
        let file = URL(filePath: path)
        let target = S3.Object(bucket: inputBucket, key: file.lastPathComponent)
        let bytes = [UInt8](try Data(contentsOf: file))
        let stored = try await S3(aws.client).putObject(
            target, .bytes(bytes), label: S3.Label(metadata: metadata))
        let source = SceneObject(
            bucket: target.bucket, key: target.key, version: stored.version,
            entityTag: stored.etag, byteCount: Int64(bytes.count))
        let job = JobID(of: source)
        _ = try await until("the job of \(file.lastPathComponent)") { try await aws.jobs.job(job) }
        return job
    }

    // MARK: Calls

    /// Releases all held calls, and holds the next calls of this kind.
    func hold(_ method: String, _ path: String, count: Int) async throws {
        _ = try await launcher.send(
            .put, "/_spotrender/holds",
            #"{"method":"\#(method)","path":"\#(path)","count":\#(count)}"#, doing: "hold calls")
    }

    func releaseCalls() async throws {
        _ = try await launcher.send(
            .put, "/_spotrender/holds", #"{"count":0}"#, doing: "release calls")
    }

    /// The paths of held calls.
    func heldCalls() async throws -> [String] {
        struct Answer: Decodable {
            let held: [String]
        }
        let body = try await launcher.send(
            .get, "/_spotrender/holds", nil, doing: "list held calls")
        return try JSONDecoder().decode(Answer.self, from: Data(body)).held
    }

    // MARK: Tasks and workers

    /// The open job of a scene. `name` has no `.blend`.
    func job(of name: String) async throws -> JobID {
        try await until("the job of \(name)") {
            try await aws.jobs.openJobs().map(\.id).first {
                $0.rawValue.hasPrefix(name + "-")
            }
        }
    }

    func leases(of job: JobID) async throws -> [(task: RenderTask, lease: Lease)] {
        try await aws.tasks.tasks(of: job, after: 0, limit: 1000).compactMap { task in
            guard case .leased(let lease) = task.state else { return nil }
            return (task, lease)
        }
    }

    /// Blender's output in the current attempt; `nil` before Blender started.
    func output(
        of task: RenderTask, on worker: WorkerID, in log: String = "blender"
    ) -> String? {
        folder.read(path(log, of: task, on: worker))
    }

    /// Whether Blender renders a frame's samples and has most of them left. It prints the first and
    /// the last sample only, so it printed the first a moment ago.
    func isEarlyInFrame(_ task: RenderTask, on worker: WorkerID) throws -> Bool {
        guard let output = output(of: task, on: worker),
            let sample = output.matches(of: /Sample (\d+)\/(\d+)/).last, sample.1 != sample.2
        else { return false }
        let attributes = try FileManager.default.attributesOfItem(
            atPath: path("blender", of: task, on: worker))
        let printed = try #require(attributes[.modificationDate] as? Date)
        return printed.timeIntervalSinceNow > -1
    }

    private func path(_ log: String, of task: RenderTask, on worker: WorkerID) -> String {
        folder.instance(worker.rawValue)
            + "/work/attempts/\(task.id.job).\(task.id.number).\(task.token)/\(log).log"
    }

    /// Stores a pool's reclaim rate in the scaler's memory, as if it had measured the rate.
    func know(_ seen: ReclaimHistory.Exposure, of pool: Pool) async throws {
        _ = try await until("a moment between two ticks") {
            var memory = try await aws.fleetStore.memory()
            memory.reclaims.pools[pool] = seen
            return try await aws.fleetStore.save(memory) ? true : nil
        }
    }

    // MARK: Slices

    /// A frame's stored slices, by their samples.
    func storedSlices(of frame: FrameName) async throws -> [SampleRange: S3.Entry] {
        let prefix = SliceName.prefix(of: frame)
        let listing = try await S3(aws.client).listObjects(bucket: bucket, prefix: prefix)
        return Dictionary(
            uniqueKeysWithValues: listing.entries.compactMap { entry in
                SliceName.range(fileName: String(entry.key.dropFirst(prefix.count)))
                    .map { ($0, entry) }
            })
    }

    /// Whether Blender renders a slice after the first. It prints the sample count of each slice.
    func isInLaterSlice(_ task: RenderTask, on worker: WorkerID) -> Bool {
        let name = "slices-\(task.frames.first)"
        let printed = output(of: task, on: worker, in: name)?.matches(of: /Sample (\d+)\/(\d+)/)
        guard let printed, let last = printed.last, last.1 != last.2 else { return false }
        return printed.contains { $0.1 == $0.2 }
    }

    func takeAway(
        _ worker: WorkerID, by method: DetectionStatistics.Method, after seconds: Int
    ) async throws {
        let answer = try await farm.local(
            "interrupt", worker.rawValue, "--method", method.rawValue, "--after", "\(seconds)")
        guard answer.isSuccess else { throw Missed(moment: "\(worker): \(answer.output)") }
    }

    /// The attempt in which this worker lost the task; `nil` while it holds the task.
    func loss(of task: RenderTask, by worker: WorkerID) async throws -> Attempt? {
        let attempt = try await aws.tasks.attempts(of: task.id.job).first {
            $0.task == task.id && $0.worker == worker
        }
        if case .succeeded = attempt?.outcome {
            throw Missed(moment: "\(worker) rendered frames \(task.frames) before it was told")
        }
        return attempt
    }
}
