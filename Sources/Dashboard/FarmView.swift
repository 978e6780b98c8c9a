package import Farm

/// What the page shows of the whole farm, as JSON.
package struct FarmView: Encodable, Hashable, Sendable {
    package struct JobLine: Encodable, Hashable, Sendable {
        package let id: String
        /// The uploaded object's key, as its uploader wrote it.
        package let name: String
        package let state: String
        /// Why it failed.
        package let reason: String?
        package let created: Int64
        package let settled: Int64?
        package let framesDone: Int
        package let frameCount: Int
        package let tasksOpen: Int
        package let failures: Int
        package let interruptions: Int
        package let secondsPerFrame: Double?
        /// USD of the instances while they held its tasks.
        package let dollars: Double
    }

    package struct WorkerLine: Encodable, Hashable, Sendable {
        package let id: String
        package let instanceType: String
        package let zone: String
        package let lifecycle: String
        package let state: String
        package let seen: Int64
        package let pricePerHour: Double?
        package let framesDone: Int
        /// EC2 sees a heightened risk for it.
        package let isAtRisk: Bool
    }

    package let jobs: [JobLine]
    package let workers: [WorkerLine]
    /// USD an hour of all workers whose price is known.
    package let dollarsPerHour: Double

    /// Newest jobs first.
    package init(jobs: [Job], workers: [WorkerRecord], at now: Timestamp) {
        self.jobs = jobs.sorted { ($0.created, $0.id.rawValue) > ($1.created, $1.id.rawValue) }
            .map(JobLine.init)
        self.workers = workers.sorted { $0.id.rawValue < $1.id.rawValue }
            .map { WorkerLine($0, at: now) }
        dollarsPerHour = workers.reduce(0) { $0 + ($1.pricePerHour ?? 0) }
    }
}

extension FarmView.JobLine {
    init(_ job: Job) {
        self.init(
            id: job.id.rawValue, name: job.source.key, state: job.state.name,
            reason: job.state.reason, created: job.created.milliseconds,
            settled: job.settled?.milliseconds, framesDone: job.tally.frames,
            frameCount: job.settings?.frames.count ?? 0, tasksOpen: job.openTaskCount,
            failures: job.tally.failures, interruptions: job.tally.interruptions,
            secondsPerFrame: job.tally.secondsPerFrame, dollars: job.tally.dollars)
    }
}

extension FarmView.WorkerLine {
    init(_ worker: WorkerRecord, at now: Timestamp) {
        self.init(
            id: worker.id.rawValue, instanceType: worker.pool.instanceType,
            zone: worker.pool.zone, lifecycle: worker.lifecycle.rawValue,
            state: worker.state.rawValue, seen: worker.seen.milliseconds,
            pricePerHour: worker.pricePerHour, framesDone: worker.framesDone,
            isAtRisk: worker.coolingUntil.map { $0 > now } ?? false)
    }
}
