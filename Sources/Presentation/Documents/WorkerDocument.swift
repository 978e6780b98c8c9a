package import Farm
internal import FoundationEssentials

/// A worker; `worker` is its instance's id.
package struct WorkerDocument: Document, Hashable {
    let worker: String
    let instanceType: String
    let zone: String
    /// `spot` or `on-demand`.
    let lifecycle: String
    let state: String
    /// Why a draining worker takes no more tasks: `notice`, `scale-in` or `person`.
    let drainCause: String?
    /// When the worker came into its state.
    let since: String
    /// When the worker last reported.
    let seen: String
    let pricePerHourUSD: Decimal?
    let framesDone: Int
    let graphics: String?
    /// EC2 has recommended to replace the instance; the worker counts as at risk until then.
    let atRiskUntil: String?
    let job: String?
    let task: Int?
    /// Frames of the task that this attempt has stored.
    let framesStored: Int?
    /// What the worker renders, by its last report; with Cycles' samples.
    let frame: Int?
    let samples: Int?
    let samplesMax: Int?

    package init(_ worker: WorkerRecord) {
        self.worker = worker.id.rawValue
        instanceType = worker.pool.instanceType
        zone = worker.pool.zone
        lifecycle = worker.lifecycle.rawValue
        state = worker.state.name
        drainCause = worker.state.drainCause?.rawValue
        since = Format.time(worker.since)
        seen = Format.time(worker.seen)
        pricePerHourUSD = worker.pricePerHour.map { Decimal(usd: $0) }
        framesDone = worker.framesDone
        graphics = worker.graphics
        atRiskUntil = worker.coolingUntil.map(Format.time)
        job = worker.progress?.task.job.rawValue
        task = worker.progress?.task.number
        framesStored = worker.progress?.framesStored
        frame = worker.progress?.frame?.frame
        samples = worker.progress?.frame?.samples
        samplesMax = worker.progress?.frame?.samplesMax
    }
}

/// All workers that have not ended.
package struct WorkersDocument: Document, Hashable {
    let workers: [WorkerDocument]

    package init(_ workers: [WorkerRecord]) {
        self.workers = workers.map { WorkerDocument($0) }
    }
}
