/// One instance's worker, as it last said.
///
///     booting ─▶ idle ⇄ rendering ─▶ draining ─▶ gone
///                  └─ retire (by the scaler) ─▶ retired ─▶ gone
///
/// Idle ends in one of two conditional writes on the revision: the worker's own before its first
/// lease, or the scaler's before it ends the instance. Whoever is second is refused, so no worker
/// is ended while it begins a task, and none begins a task on an instance that is being ended.
package struct WorkerRecord: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case booting
        /// Found no message; Auto Scaling may take the instance.
        case idle
        /// Has a task, or looks for the next one right after the last.
        case rendering
        /// Was warned, and takes no more task.
        case draining
        /// The scaler ends the instance: it takes no more task.
        case retired
        case gone
    }

    package enum Lifecycle: String, Hashable, Sendable, CaseIterable {
        case spot
        case onDemand = "on-demand"
    }

    /// What a worker renders.
    package struct Progress: Hashable, Sendable {
        package let task: TaskID
        package let start: Timestamp
        /// Frames of the task that this attempt has stored.
        package var framesStored: Int
        /// What it renders, as of its last word.
        package var frame: FrameProgress?

        package init(
            task: TaskID, start: Timestamp, framesStored: Int = 0, frame: FrameProgress? = nil
        ) {
            self.task = task
            self.start = start
            self.framesStored = framesStored
            self.frame = frame
        }
    }

    package let id: WorkerID
    package let pool: Pool
    package let lifecycle: Lifecycle
    package private(set) var state: State
    /// When it came into its state.
    package private(set) var since: Timestamp
    /// EC2 launched the instance: it is paid from here on.
    package let launched: Timestamp
    /// When the worker's program first began.
    package private(set) var booted: Timestamp
    package var seen: Timestamp
    /// The price in force at launch, and each that followed, as far as they could be learned.
    package var prices: [PriceStep]
    /// `nil` where no disk is paid for.
    package let diskGiB: Int?
    /// Which graphics processors Cycles renders on there, or why on none; `nil` where there are
    /// none.
    package let graphics: String?
    /// Whose tasks it began, the latest last: the bill is divided among them.
    package private(set) var jobs: [JobID]
    package var framesDone: Int
    package var progress: Progress?
    /// EC2 recommends to leave this instance; its pool is no place for more, until then.
    package var coolingUntil: Timestamp?
    /// Rises with every write.
    package var revision: Int

    package init(
        id: WorkerID, pool: Pool, lifecycle: Lifecycle, state: State, seen: Timestamp,
        since: Timestamp? = nil, launched: Timestamp? = nil, booted: Timestamp? = nil,
        prices: [PriceStep] = [], diskGiB: Int? = nil, graphics: String? = nil,
        jobs: [JobID] = [], framesDone: Int = 0,
        progress: Progress? = nil, coolingUntil: Timestamp? = nil, revision: Int = 0
    ) {
        self.id = id
        self.pool = pool
        self.lifecycle = lifecycle
        self.state = state
        self.since = since ?? seen
        self.booted = booted ?? seen
        self.launched = launched ?? self.booted
        self.seen = seen
        self.prices = prices
        self.diskGiB = diskGiB
        self.graphics = graphics
        self.jobs = jobs
        self.framesDone = framesDone
        self.progress = progress
        self.coolingUntil = coolingUntil
        self.revision = revision
    }

    /// The last known price; `nil` when the worker could not read any.
    package var pricePerHour: Money? { prices.last?.price }

    /// More jobs than one instance sees in its life; beyond, the oldest are forgotten.
    private static let jobsMax = 100

    /// A task is begun.
    package mutating func begin(_ task: TaskID, at now: Timestamp) {
        become(.rendering, at: now)
        progress = Progress(task: task, start: now)
        guard jobs.last != task.job else { return }
        jobs.removeAll { $0 == task.job }
        jobs = Array((jobs + [task.job]).suffix(Self.jobsMax))
    }

    /// What the same instance's worker had said before it was started again.
    package mutating func continues(_ earlier: WorkerRecord) {
        revision = earlier.revision
        booted = earlier.booted
        jobs = earlier.jobs
        framesDone = earlier.framesDone
        prices = earlier.prices.merged(with: prices)
        if earlier.state == .retired { become(.retired, at: seen) }
    }

    package mutating func become(_ state: State, at now: Timestamp) {
        guard self.state != state else { return }
        self.state = state
        since = now
    }
}
