package import Farm
internal import FoundationEssentials

/// One job as the dashboard draws it: the event `job` of its stream. It has the keys of
/// `JobDocument`, and these.
package struct JobPageDocument: Document, Hashable {
    package struct FrameGrid: Encodable, Hashable, Sendable {
        let first: Int
        let last: Int
        let step: Int
        /// Whether a browser can show the pictures.
        let areShown: Bool
    }

    /// Frames that a worker renders now, or that failed.
    package struct FrameState: Encodable, Hashable, Sendable {
        let first: Int
        let last: Int
        let step: Int
        let state: String
    }

    /// One lease of a task, ended or not: a bar of the timeline.
    package struct Lease: Encodable, Hashable, Sendable {
        let task: Int
        let frames: String
        let worker: String
        let instanceType: String
        let zone: String
        let start: String
        /// Absent while the worker renders.
        let end: String?
        /// `rendering`, or how the attempt ended: `succeeded`, `failed`, `interrupted`, `expired`,
        /// `canceled`.
        let outcome: String
        let detail: String?
    }

    /// How long the rest takes: in four cases of five between the outer two.
    package struct Remaining: Encodable, Hashable, Sendable {
        let earlySeconds: Double
        let likelySeconds: Double
        let lateSeconds: Double
    }

    /// What the leases cost up to a time.
    package struct Cost: Encodable, Hashable, Sendable {
        let time: String
        let costUSD: Decimal
        let onDemandCostUSD: Decimal
    }

    /// What the page is drawn from.
    package struct Records: Sendable {
        package let job: Job
        package let tasks: [RenderTask]
        package let attempts: [Attempt]
        package let stored: [FrameName]
        package let workers: [WorkerRecord]

        package init(
            job: Job, tasks: [RenderTask], attempts: [Attempt], stored: [FrameName],
            workers: [WorkerRecord]
        ) {
            self.job = job
            self.tasks = tasks
            self.attempts = attempts
            self.stored = stored
            self.workers = workers
        }
    }

    private struct Details: Encodable, Hashable {
        /// Absent when no worker is at work, or no frame was measured.
        let remaining: Remaining?
        let costs: [Cost]
        /// Absent for a file that could not be read.
        let frameGrid: FrameGrid?
        let frameStates: [FrameState]
        let leases: [Lease]
        let storedFrames: [Int]
    }

    private let job: JobDocument
    private let details: Details

    package init(_ records: Records, at now: Timestamp) {
        let (job, tasks, attempts) = (records.job, records.tasks, records.attempts)
        self.job = JobDocument(job)
        let held = tasks.compactMap { task -> Farm.Lease? in
            if case .leased(let lease) = task.state { lease } else { nil }
        }
        let labels = Dictionary(uniqueKeysWithValues: tasks.map { ($0.id.number, $0.label) })
        let ended = attempts.map { Lease($0, label: labels[$0.task.number]) }
        details = Details(
            remaining: Forecast(job, workers: records.workers, samples: attempts.secondsPerFrame)
                .map { Remaining($0) },
            costs: CostCourse(attempts, held: held, now: now).points.map { point in
                Cost(
                    time: Format.time(point.time), costUSD: Decimal(usd: point.paid),
                    onDemandCostUSD: Decimal(usd: point.onDemand))
            },
            frameGrid: FrameGrid(job),
            frameStates: tasks.filter { $0.work == .frames }.compactMap(FrameState.init),
            leases: (ended + tasks.compactMap(Lease.init)).sorted {
                ($0.start, $0.task) < ($1.start, $1.task)
            },
            storedFrames: records.stored.map(\.number).sorted())
    }

    package func encode(to encoder: any Encoder) throws {
        try job.encode(to: encoder)
        try details.encode(to: encoder)
    }
}

extension JobPageDocument.Remaining {
    fileprivate init(_ forecast: Forecast) {
        self.init(
            earlySeconds: forecast.early.seconds, likelySeconds: forecast.likely.seconds,
            lateSeconds: forecast.late.seconds)
    }
}

extension JobPageDocument.FrameGrid {
    fileprivate init?(_ job: Job) {
        guard let settings = job.settings else { return nil }
        self.init(
            first: settings.frames.first, last: settings.frames.last, step: settings.frames.step,
            areShown: settings.format.isShownByBrowsers || job.tally.assemblies > 0)
    }
}

extension JobPageDocument.FrameState {
    fileprivate init?(_ task: RenderTask) {
        let state: String
        switch task.state {
        case .leased: state = "rendering"
        case .failed: state = "failed"
        case .canceled: state = "canceled"
        case .queued, .succeeded: return nil
        }
        self.init(
            first: task.frames.first, last: task.frames.last, step: task.frames.step, state: state)
    }
}

extension JobPageDocument.Lease {
    fileprivate init(_ attempt: Attempt, label: String?) {
        self.init(
            task: attempt.task.number, frames: label ?? "", worker: attempt.worker.rawValue,
            instanceType: attempt.pool.instanceType, zone: attempt.pool.zone,
            start: Format.time(attempt.start), end: Format.time(attempt.end),
            outcome: attempt.outcome.name, detail: attempt.outcome.detail)
    }

    fileprivate init?(_ task: RenderTask) {
        guard case .leased(let lease) = task.state else { return nil }
        self.init(
            task: task.id.number, frames: task.label, worker: lease.worker.rawValue,
            instanceType: lease.pool.instanceType, zone: lease.pool.zone,
            start: Format.time(lease.start), end: nil, outcome: "rendering", detail: nil)
    }
}

extension Attempt.Outcome {
    fileprivate var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .expired: "expired"
        case .canceled: "canceled"
        }
    }

    /// Why the attempt failed, or how the farm learned of the interruption.
    fileprivate var detail: String? {
        switch self {
        case .succeeded, .canceled: nil
        case .failed(let failure): failure.message
        case .interrupted(let interruption):
            "\(interruption.cause.rawValue) by \(interruption.path.rawValue)"
        case .expired: "the worker renewed its lease no more"
        }
    }
}

extension RenderTask {
    fileprivate var label: String {
        switch work {
        case .frames: frames.description
        case .assembly: "assembly"
        }
    }
}

extension ImageFormat {
    package var isShownByBrowsers: Bool {
        switch self {
        case .png, .jpeg, .webp: true
        case .openEXR, .multilayerEXR, .tiff: false
        }
    }
}
