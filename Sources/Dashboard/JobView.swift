package import Farm

/// What the page shows of one job, as JSON.
package struct JobView: Encodable, Hashable, Sendable {
    package struct Frames: Encodable, Hashable, Sendable {
        package let first: Int
        package let last: Int
        package let step: Int
        /// Whether a browser can show the pictures.
        package let areShown: Bool
    }

    /// Frames that a worker renders now, or that failed.
    package struct Part: Encodable, Hashable, Sendable {
        package let first: Int
        package let last: Int
        package let step: Int
        package let state: String
    }

    /// One lease, ended or not: a bar of the timeline.
    package struct Bar: Encodable, Hashable, Sendable {
        package let task: Int
        package let frames: String
        package let worker: String
        package let pool: String
        package let start: Int64
        /// `nil` while it renders.
        package let end: Int64?
        /// `rendering`, or an attempt's outcome: `succeeded`, `failed`, `interrupted`, `expired`, `canceled`.
        package let outcome: String
        /// Why it failed, or how the interruption was heard of.
        package let detail: String?
    }

    /// When the rest will be done, in milliseconds from now: in four cases of five between the outer
    /// two.
    package struct Rest: Encodable, Hashable, Sendable {
        package let early: Int64
        package let likely: Int64
        package let late: Int64
    }

    /// USD of the leases up to a time.
    package struct Cost: Encodable, Hashable, Sendable {
        package let time: Int64
        package let paid: Double
        package let onDemand: Double
    }

    package let job: FarmView.JobLine
    /// `nil` when nobody is at work, or nothing was measured.
    package let rest: Rest?
    package let costs: [Cost]
    /// `nil` for a file that could not be read.
    package let frames: Frames?
    package let parts: [Part]
    package let bars: [Bar]
    /// Numbers of the frames that are there.
    package let stored: [Int]

    package init(
        job: Job, tasks: [RenderTask], attempts: [Attempt], stored: [FrameName],
        workers: [WorkerRecord], at now: Timestamp
    ) {
        self.job = FarmView.JobLine(job)
        rest = Forecast(job, workers: workers, samples: attempts.secondsPerFrame).map {
            Rest(
                early: $0.early.milliseconds, likely: $0.likely.milliseconds,
                late: $0.late.milliseconds)
        }
        let held = tasks.compactMap { task -> Lease? in
            if case .leased(let lease) = task.state { lease } else { nil }
        }
        costs = CostCourse(attempts, held: held, now: now).points.map {
            Cost(
                time: $0.time.milliseconds, paid: $0.paid.dollars, onDemand: $0.onDemand.dollars)
        }
        frames = job.settings.map { settings in
            Frames(
                first: settings.frames.first, last: settings.frames.last,
                step: settings.frames.step,
                areShown: settings.format.isShownByBrowsers || job.tally.assemblies > 0)
        }
        parts = tasks.filter { $0.work == .frames }.compactMap(Part.init)
        let ranges = Dictionary(uniqueKeysWithValues: tasks.map { ($0.id.number, $0.label) })
        let ended = attempts.map { Bar($0, label: ranges[$0.task.number]) }
        bars = (ended + tasks.compactMap(Bar.init)).sorted {
            ($0.start, $0.task) < ($1.start, $1.task)
        }
        self.stored = stored.map(\.number).sorted()
    }
}

extension JobView.Part {
    init?(_ task: RenderTask) {
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

extension JobView.Bar {
    init(_ attempt: Attempt, label: String?) {
        let (outcome, detail): (String, String?) =
            switch attempt.outcome {
            case .succeeded: ("succeeded", nil)
            case .failed(let failure): ("failed", failure.message)
            case .interrupted(let interruption):
                (
                    "interrupted",
                    "\(interruption.cause.rawValue) by \(interruption.path.rawValue)"
                )
            case .expired: ("expired", "nothing was heard of the worker until its lease ended")
            case .canceled: ("canceled", nil)
            }
        self.init(
            task: attempt.task.number, frames: label ?? "",
            worker: attempt.worker.rawValue, pool: attempt.pool.description,
            start: attempt.start.milliseconds, end: attempt.end.milliseconds, outcome: outcome,
            detail: detail)
    }

    init?(_ task: RenderTask) {
        guard case .leased(let lease) = task.state else { return nil }
        self.init(
            task: task.id.number, frames: task.label, worker: lease.worker.rawValue,
            pool: lease.pool.description, start: lease.start.milliseconds, end: nil,
            outcome: "rendering", detail: nil)
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
    var isShownByBrowsers: Bool {
        switch self {
        case .png, .jpeg, .webp: true
        case .openEXR, .multilayerEXR, .tiff: false
        }
    }
}
