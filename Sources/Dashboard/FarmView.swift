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
        /// As in `shot-1a2b3c4d/12, frame 12, sample 5 of 64`.
        package let doing: String?
        /// EC2 sees a heightened risk for it.
        package let isAtRisk: Bool
    }

    /// Instances of one type in one zone.
    package struct PoolLine: Encodable, Hashable, Sendable {
        package let instanceType: String
        package let zone: String
        package let lifecycle: String
        package let workers: Int
        /// Of the worker that learned its price last.
        package let pricePerHour: Double?
        /// By the built-in table.
        package let onDemandPerHour: Double?
    }

    package let jobs: [JobLine]
    package let pools: [PoolLine]
    package let workers: [WorkerLine]
    /// USD an hour of all workers whose price is known.
    package let dollarsPerHour: Double

    /// Newest jobs first.
    package init(jobs: [Job], workers: [WorkerRecord], at now: Timestamp) {
        self.jobs = jobs.sorted { ($0.created, $0.id.rawValue) > ($1.created, $1.id.rawValue) }
            .map(JobLine.init)
        self.workers = workers.sorted { $0.id.rawValue < $1.id.rawValue }
            .map { WorkerLine($0, at: now) }
        pools = Dictionary(grouping: workers) { PoolKey(pool: $0.pool, lifecycle: $0.lifecycle) }
            .map { PoolLine($0.key, $0.value) }
            .sorted {
                ($0.instanceType, $0.zone, $0.lifecycle) < ($1.instanceType, $1.zone, $1.lifecycle)
            }
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

private struct PoolKey: Hashable {
    let pool: Pool
    let lifecycle: WorkerRecord.Lifecycle
}

extension FarmView.PoolLine {
    fileprivate init(_ key: PoolKey, _ workers: [WorkerRecord]) {
        let last = workers.compactMap(\.prices.last).max { $0.time < $1.time }
        self.init(
            instanceType: key.pool.instanceType, zone: key.pool.zone,
            lifecycle: key.lifecycle.rawValue, workers: workers.count,
            pricePerHour: last?.price.dollars,
            onDemandPerHour: PriceBook.builtIn.onDemandPrice(of: key.pool)?.dollars)
    }
}

extension FarmView.WorkerLine {
    init(_ worker: WorkerRecord, at now: Timestamp) {
        self.init(
            id: worker.id.rawValue, instanceType: worker.pool.instanceType,
            zone: worker.pool.zone, lifecycle: worker.lifecycle.rawValue,
            state: worker.state.rawValue, seen: worker.seen.milliseconds,
            pricePerHour: worker.pricePerHour, framesDone: worker.framesDone,
            doing: worker.progress.map { progress in
                "\(progress.task)" + (progress.frame.map { ", \($0)" } ?? "")
            },
            isAtRisk: worker.coolingUntil.map { $0 > now } ?? false)
    }
}
