import Farm
import FarmOnAWS
import Foundation
import Testing

/// Workers are interrupted by each method at the worst moments:
///
///     first    both workers at once: one while it uploads its frame, one in the middle of a frame
///     then     the worker with the second one's task, between lease and first sample: the same
///              task is interrupted twice in a row
///
/// The launcher holds a call while the moment lasts, so no test depends on luck.
extension `The farm on one machine` {
    /// Seconds from a notice to the end: enough to answer it, too few to start another frame.
    private static let notice = 15
    /// The limit for detection on a busy machine. An idle machine takes half as long.
    private static let noticeBound: Duration = .seconds(12)
    /// The lease and one repair pass: the pass runs each minute on AWS, every five seconds here.
    private static let leaseBound: Duration = .seconds(30 + 65)

    @Test(.timeLimit(.minutes(12)), arguments: DetectionStatistics.Method.allCases)
    func `loses nothing, however and whenever workers are interrupted`(
        _ method: DetectionStatistics.Method
    ) async throws {
        let references = try await Pictures.shared.references(farm)
        for round in 1...3 {
            do {
                try await rehearse(method, round, references)
                return
            } catch let missed as Rehearsal.Missed {
                print("\(method.rawValue), round \(round): missed \(missed.moment)")
            }
        }
        Issue.record("The moments were missed in three rounds.")
    }

    private func rehearse(
        _ method: DetectionStatistics.Method, _ round: Int,
        _ references: (folder: URL, noise: Pictures.Difference)
    ) async throws {
        let name = "\(method.rawValue)-\(round)"
        let rehearsal = try Rehearsal(farm)
        let scene = try await farm.scene(name + ".blend", Pictures.options)
        let frames = farm.folder.appending(path: name)
        let (farm, output) = (farm, frames.path())
        async let rendering = farm.render(scene, to: output)
        let story: Result<Story, any Error>
        do {
            story = .success(try await play(method, of: name, rehearsal))
        } catch {
            story = .failure(error)
        }
        try await rehearsal.releaseCalls()
        let answer = try await rendering
        let taken = try story.get()
        print(answer.output.split(separator: "\n").suffix(6).joined(separator: "\n"))
        #expect(answer.isSuccess, "\(answer.output)")
        try await judge(taken, method, rehearsal)
        try judge(answer.output, method)
        for frame in Pictures.frames {
            let found = try await Pictures.difference(
                farm, frames.appending(path: Pictures.name(frame)).path(),
                references.folder.appending(path: Pictures.name(frame)).path())
            #expect(found.most <= references.noise.most, "frame \(frame)")
            #expect(found.pixelCount <= references.noise.pixelCount, "frame \(frame)")
        }
    }

    /// The interrupted workers, and the tasks that they held.
    private struct Story {
        let job: JobID
        let uploading: (task: RenderTask, worker: WorkerID)
        let rendering: (task: RenderTask, worker: WorkerID)
        /// Holds the task that `rendering` held.
        let beginning: (task: RenderTask, worker: WorkerID)
    }

    private func play(
        _ method: DetectionStatistics.Method, of name: String, _ rehearsal: Rehearsal
    ) async throws -> Story {
        try await rehearsal.hold("PUT", "/jobs/\(name)-.*/frames/", count: 1)
        let job = try await rehearsal.job(of: name)
        let uploading = try await rehearsal.until("an upload") {
            let held = try await rehearsal.heldCalls().first
            return try await rehearsal.leases(of: job).first { task, _ in
                held?.hasSuffix(Pictures.name(task.frames.first)) ?? false
            }
        }
        let rendering = try await rehearsal.until("a frame's beginning", within: .seconds(50)) {
            try await rehearsal.leases(of: job).first { task, lease in
                try lease.worker != uploading.lease.worker
                    && rehearsal.isEarlyInFrame(task, on: lease.worker)
            }
        }
        async let first: Void = rehearsal.takeAway(
            uploading.lease.worker, by: method, after: Self.notice)
        async let second: Void = rehearsal.takeAway(
            rendering.lease.worker, by: method, after: Self.notice)
        _ = try await (first, second)
        try await hear(of: uploading, method, rehearsal)
        // The upload continues in any case. The scene's download is next.
        try await rehearsal.hold("GET", "/\(name).blend", count: 2)
        _ = try await rehearsal.until("the frame's loss", within: Self.leaseBound) {
            try await rehearsal.loss(of: rendering.task, by: rendering.lease.worker)
        }
        let beginning = try await rehearsal.until("the time before the first sample") {
            guard try await !rehearsal.heldCalls().isEmpty else { return Holding?.none }
            return try await rehearsal.leases(of: job).first { task, lease in
                task.id == rendering.task.id
                    && rehearsal.output(of: task, on: lease.worker) == nil
            }
        }
        try await rehearsal.takeAway(beginning.lease.worker, by: method, after: Self.notice)
        if method != .kill {
            _ = try await rehearsal.until("the task's second loss") {
                try await rehearsal.loss(of: beginning.task, by: beginning.lease.worker)
            }
        }
        return Story(
            job: job, uploading: (uploading.task, uploading.lease.worker),
            rendering: (rendering.task, rendering.lease.worker),
            beginning: (beginning.task, beginning.lease.worker))
    }

    private typealias Holding = (task: RenderTask, lease: Lease)

    /// Returns once the worker that decides about the upload has seen the end.
    private func hear(
        of uploading: Holding, _ method: DetectionStatistics.Method, _ rehearsal: Rehearsal
    ) async throws {
        switch method {
        case .imds, .both:
            _ = try await rehearsal.until("the promise to finish", within: .seconds(8)) {
                try await rehearsal.leases(of: uploading.task.id.job).first {
                    $0.lease.worker == uploading.lease.worker && $0.lease.promisedUntil != nil
                }
            }
            guard method == .both else { return }
            _ = try await rehearsal.until("the handler's answer", within: .seconds(8)) {
                try await rehearsal.aws.notices.notices(of: uploading.lease.worker).first {
                    $0.path == .eventBridge
                }
            }
        case .eventBridge:
            _ = try await rehearsal.until("the handler's requeue", within: .seconds(15)) {
                try await rehearsal.loss(of: uploading.task, by: uploading.lease.worker)
            }
        case .kill: break
        }
    }

    // MARK: Judging

    private func judge(
        _ story: Story, _ method: DetectionStatistics.Method, _ rehearsal: Rehearsal
    ) async throws {
        let attempts = try await rehearsal.aws.tasks.attempts(of: story.job)
        let tasks = try await rehearsal.aws.tasks.tasks(of: story.job, after: 0, limit: 10)
        // The frames and their assembly.
        #expect(tasks.count == Pictures.frames.count + 1)
        for task in tasks {
            let had = attempts.filter { $0.task == task.id }.sorted { $0.token < $1.token }
            #expect(task.state == .succeeded && task.failures.isEmpty)
            #expect(had.map(\.token.rawValue) == Array(1...task.token.rawValue))
            #expect(had.count { $0.outcome == .succeeded } == 1)
            #expect(had.last?.outcome == .succeeded)
        }
        func outcome(_ held: (task: RenderTask, worker: WorkerID)) -> Attempt.Outcome? {
            attempts.first { $0.task == held.task.id && $0.worker == held.worker }?.outcome
        }
        #expect(story.beginning.worker != story.rendering.worker)
        #expect(isLost(outcome(story.rendering), method))
        #expect(isLost(outcome(story.beginning), method))
        let notices = try await rehearsal.aws.notices.notices(of: story.uploading.worker)
        switch method {
        case .imds, .both:
            // The frame was rendered, so the worker waited for its upload.
            #expect(outcome(story.uploading) == .succeeded)
            #expect(notices.contains { $0.framesFinished == 1 })
        case .eventBridge, .kill:
            #expect(isLost(outcome(story.uploading), method))
        }
        let didLeave = notices.flatMap(\.responses).contains { $0.action == .left }
        #expect(didLeave == (method == .both), "\(notices)")
    }

    private func isLost(
        _ outcome: Attempt.Outcome?, _ method: DetectionStatistics.Method
    ) -> Bool {
        guard case .interrupted(let interruption) = outcome else {
            return method == .kill && outcome == .expired
        }
        switch method {
        case .imds: return interruption.path == .instanceMetadata
        case .eventBridge: return interruption.path == .eventBridge
        case .both: return [.instanceMetadata, .eventBridge].contains(interruption.path)
        case .kill: return false
        }
    }

    /// Expects that another worker took the slowest task in time, by the table's row of this
    /// method.
    private func judge(_ output: String, _ method: DetectionStatistics.Method) throws {
        let rows = output.split(separator: "\n").map { $0.split(separator: " ") }
        let name = method == .kill ? "none" : method.rawValue
        let row = try #require(rows.last { $0.first == name[...] }, "\(output)")
        // Instances, tasks, p50, p95, p99, lost, frames finished.
        let figures = row.compactMap { Double($0.trimmingPrefix("≤")) }
        try #require(figures.count == 7, "\(row)")
        #expect(figures[0] == 3 && figures[1] >= 2, "\(row)")
        let bound = method == .kill ? Self.leaseBound : Self.noticeBound
        #expect(figures[4] <= bound / .seconds(1), "\(row)")
    }
}
