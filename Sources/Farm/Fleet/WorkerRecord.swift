/// One instance's worker, as it last reported.
///
///     booting ──idle──▶ idle ◀──idle, begin──▶ rendering
///        └────────────────┴── drain, finish ──────┴──▶ draining ──end──▶ gone
///
/// `end` leads from any state to `gone`. A draining worker takes no more tasks, whatever it
/// reports.
///
/// Idle ends in one of two conditional writes on the revision: the worker's own before its first
/// lease, or the scaler's before it ends the instance. The second writer is refused, so the scaler
/// ends no worker that begins a task, and no worker begins a task on an instance that is ending.
package struct WorkerRecord: Hashable, Sendable {
    package enum State: Hashable, Sendable, CaseIterable {
        case booting
        /// Found no message. The scaler may end the instance.
        case idle
        /// Has a task, or looks for the next one right after the last.
        case rendering
        /// Takes no more tasks.
        case draining(DrainCause)
        case gone

        package static var allCases: [State] {
            [.booting, .idle, .rendering] + DrainCause.allCases.map(State.draining) + [.gone]
        }

        /// As it is stored, and shown to programs.
        package var name: String {
            switch self {
            case .booting: "booting"
            case .idle: "idle"
            case .rendering: "rendering"
            case .draining: "draining"
            case .gone: "gone"
            }
        }

        package var drainCause: DrainCause? {
            guard case .draining(let cause) = self else { return nil }
            return cause
        }

        /// As it was stored: a name, and a cause where the worker drains.
        package init?(name: String, cause: DrainCause?) {
            guard
                let state = Self.allCases.first(where: { $0.name == name && $0.drainCause == cause }
                )
            else { return nil }
            self = state
        }

        /// Whether no task is begun any more.
        package var isFinal: Bool {
            switch self {
            case .booting, .idle, .rendering: false
            case .draining, .gone: true
            }
        }
    }

    /// Why a worker takes no more tasks.
    package enum DrainCause: String, Hashable, Sendable, CaseIterable {
        /// EC2, Auto Scaling or a signal announced the end of the worker.
        case notice
        /// The scaler ends the instance, because it was idle.
        case scaleIn = "scale-in"
        /// A person drained the worker. The scaler ends the instance.
        case person

        /// Whether the scaler ends the instance. Then the instance is kept until the task is over.
        package var isEndedByScaler: Bool {
            switch self {
            case .notice: false
            case .scaleIn, .person: true
            }
        }
    }

    package enum Event: Hashable, Sendable {
        /// The worker found no message.
        case idle
        /// The worker is about to lease a task.
        case begin(TaskID)
        /// The worker takes no more tasks. The first cause stays.
        case drain(DrainCause)
        /// The last task is over.
        case finish
        /// The worker's program was started again on the same instance. Carries the earlier record.
        case restart(WorkerRecord)
        /// Another program wrote the record in between: its drain and its revision are taken over.
        case takeOver(WorkerRecord)
        /// The instance is gone, or no worker is on it any more.
        case end
    }

    /// What became of an event.
    package enum Move: Hashable, Sendable {
        case moved
        /// The record is as the event wants it already.
        case unchanged
        /// The state does not allow the event.
        case refused(State)
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
        /// What it renders, as of its last report.
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

    /// How long an instance cools after a rebalance recommendation. EC2 never takes a
    /// recommendation back, and mostly no interruption follows: without an end, a fleet of such
    /// instances would stand still.
    package static let coolingDuration: Duration = .seconds(600)

    /// More jobs than one instance sees in its life; beyond, the oldest are forgotten.
    private static let jobsMax = 100

    /// The only way to move a worker.
    @discardableResult
    package mutating func apply(_ event: Event, at now: Timestamp) -> Move {
        switch (event, state) {
        case (.idle, .booting), (.idle, .rendering):
            become(.idle, at: now)
            progress = nil
        case (.begin(let task), .booting), (.begin(let task), .idle),
            (.begin(let task), .rendering):
            begin(task, at: now)
        case (.drain(let cause), .booting), (.drain(let cause), .idle),
            (.drain(let cause), .rendering):
            become(.draining(cause), at: now)
        case (.finish, .booting), (.finish, .idle), (.finish, .rendering):
            become(.draining(.notice), at: now)
            progress = nil
        case (.finish, .draining) where progress != nil, (.finish, .gone) where progress != nil:
            progress = nil
        case (.restart(let earlier), _): restart(earlier, at: now)
        case (.takeOver(let other), _): takeOver(other, at: now)
        case (.end, .booting), (.end, .idle), (.end, .rendering), (.end, .draining):
            become(.gone, at: now)
            progress = nil
        case (.idle, .idle), (.drain, .draining), (.finish, .draining), (.finish, .gone),
            (.end, .gone):
            return .unchanged
        case (.idle, .draining), (.idle, .gone), (.begin, .draining), (.begin, .gone),
            (.drain, .gone):
            return .refused(state)
        }
        return .moved
    }

    private mutating func begin(_ task: TaskID, at now: Timestamp) {
        become(.rendering, at: now)
        progress = Progress(task: task, start: now)
        guard jobs.last != task.job else { return }
        jobs.removeAll { $0 == task.job }
        jobs = Array((jobs + [task.job]).suffix(Self.jobsMax))
    }

    private mutating func restart(_ earlier: WorkerRecord, at now: Timestamp) {
        revision = earlier.revision
        booted = earlier.booted
        jobs = earlier.jobs
        framesDone = earlier.framesDone
        prices = earlier.prices.merged(with: prices)
        if let cause = earlier.state.drainCause, cause.isEndedByScaler {
            become(earlier.state, at: now)
        }
    }

    private mutating func takeOver(_ other: WorkerRecord, at now: Timestamp) {
        revision = other.revision
        if let theirs = other.coolingUntil { coolingUntil = max(theirs, coolingUntil ?? theirs) }
        // The scaler waits for the end of an instance that it has drained.
        if let cause = other.state.drainCause, cause.isEndedByScaler || !state.isFinal {
            become(other.state, at: now)
        }
    }

    private mutating func become(_ state: State, at now: Timestamp) {
        guard self.state != state else { return }
        self.state = state
        since = now
    }
}
