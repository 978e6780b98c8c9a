import AWS
import Farm
import FarmOnAWS
import Foundation
import HTTP
import LocalCloud
import Logging
import Testing

/// The local farm seen from within, to hit a moment on purpose: its tasks as they stand in the
/// table, its calls as they pass the launcher, what Blender has said so far.
struct Rehearsal {
    /// The moment was not met; said plainly, so that the test can try again.
    struct Missed: Error {
        let moment: String
    }

    let farm: LocalFarm
    let aws: AWSFarm
    /// Where frames and slices are.
    let bucket: String
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
        bucket = try Settings(environment: environment).outputBucket
        aws = try AWSFarm(
            environment: environment, transport: transport,
            log: Logger(label: "rehearsal") { _ in SwiftLogNoOpLogHandler() })
        let account = try LocalAccount(folder)
        launcher = LoopbackCall(
            transport: transport, port: account.port, secretKey: account.secretKey)
    }

    /// Looks ten times a second until there is something to see.
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

    // MARK: Calls

    /// Lets all calls go, and keeps the next ones of this kind waiting.
    func hold(_ method: String, _ path: String, count: Int) async throws {
        _ = try await launcher.send(
            .put, "/_spotrender/holds",
            #"{"method":"\#(method)","path":"\#(path)","count":\#(count)}"#, "hold calls")
    }

    func releaseCalls() async throws {
        _ = try await launcher.send(
            .put, "/_spotrender/holds", #"{"count":0}"#, "release calls")
    }

    /// Paths of the calls that wait.
    func heldCalls() async throws -> [String] {
        struct Answer: Decodable {
            let held: [String]
        }
        let body = try await launcher.send(.get, "/_spotrender/holds", nil, "list held calls")
        return try JSONDecoder().decode(Answer.self, from: Data(body)).held
    }

    // MARK: Tasks and workers

    /// The open job of a scene's file; `name` is without `.blend`.
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

    /// What Blender said in the attempt that goes on; `nil` before it was started.
    func output(
        of task: RenderTask, on worker: WorkerID, in log: String = "blender"
    ) -> String? {
        folder.read(path(log, of: task, on: worker))
    }

    /// Whether Blender is at a frame's samples, and has most of them before it: it prints the first
    /// and the last only, so the first was printed a moment ago.
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

    /// Puts into the scaler's memory what it would have measured of a pool, had it had the time.
    func know(_ seen: ReclaimHistory.Exposure, of pool: Pool) async throws {
        _ = try await until("a moment between two ticks") {
            var memory = try await aws.fleetStore.memory()
            memory.reclaims.pools[pool] = seen
            return try await aws.fleetStore.save(memory) ? true : nil
        }
    }

    // MARK: Slices

    /// A frame's slices as they lie in the bucket, by their samples.
    func storedSlices(of frame: FrameName) async throws -> [SampleRange: S3.Entry] {
        let prefix = SliceName.prefix(of: frame)
        let listing = try await S3(aws.client).listObjects(bucket: bucket, prefix: prefix)
        return Dictionary(
            uniqueKeysWithValues: listing.entries.compactMap { entry in
                SliceName.range(fileName: String(entry.key.dropFirst(prefix.count)))
                    .map { ($0, entry) }
            })
    }

    /// Whether Blender is at the samples of a slice after the first: it prints how many each has.
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

    /// The attempt by which this worker lost the task; `nil` while it has not.
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
