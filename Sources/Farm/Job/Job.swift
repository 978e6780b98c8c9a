/// One scene and a frame range, and how far it is.
///
///     splitting ──split──▶ queued ──start──▶ rendering ──settle──▶ assembling ──settle──▶ succeeded | failed
///        └─split─▶ trying ─prove─▲ └──pause──▶ paused ◀──pause──┘           │
///                     └──pause, resume───┘ └────┘ └─────pause, resume─────┘
///         cancel, from any of these ──▶ canceling ──settle──▶ canceled
///         give up, from any of these ──▶ failing ──settle──▶ failed
///     succeeded | failed | canceled | assembling ──reopen──▶ queued | trying
///
/// A job with a canary begins with its first, middle and last frames: what ails all of them shows there, on one
/// instance. The tasks of the others wait without a message until these three have succeeded.
///
/// Once the last frame's task has ended, one task more assembles thumbnails, contact sheet and video. What
/// becomes of it does not change what the job has come to.
///
/// A job whose first tasks all failed is given up: what is left would be paid for, and fail alike.
/// A canceled job, or one given up, is not settled before its last task is: who cancels may die half way, and the
/// repair, which looks at open jobs, goes on.
///
/// A file that can't be rendered is written as a failed job, with the reason, so that its uploader
/// finds out why there are no frames.
package struct Job: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its tasks are being written; none has a message yet.
        case splitting
        /// Only its canary is rendered.
        case trying
        case queued
        case rendering
        /// All its frames' tasks have ended; what is left is its assembly.
        case assembling
        /// What was begun is rendered to its end; nothing is begun.
        case paused
        /// Its tasks are being canceled.
        case canceling
        /// The same, since its first ones all failed.
        case failing(reason: String)
        case succeeded
        case failed(reason: String)
        case canceled

        package var isSettled: Bool {
            switch self {
            case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling,
                .failing:
                false
            case .succeeded, .failed, .canceled: true
            }
        }

        /// As it is stored, and shown to programs.
        package var name: String {
            switch self {
            case .splitting: "splitting"
            case .trying: "trying"
            case .queued: "queued"
            case .rendering: "rendering"
            case .assembling: "assembling"
            case .paused: "paused"
            case .canceling: "canceling"
            case .failing: "failing"
            case .succeeded: "succeeded"
            case .failed: "failed"
            case .canceled: "canceled"
            }
        }

        /// Whether workers may take its tasks: what else is open is no work.
        package var isWork: Bool {
            switch self {
            case .splitting, .trying, .queued, .rendering, .assembling: true
            case .paused, .canceling, .failing, .succeeded, .failed, .canceled: false
            }
        }

        /// Whether what is left of its tasks is to be canceled.
        package var endsTasks: Bool {
            switch self {
            case .canceling, .failing: true
            case .splitting, .trying, .queued, .rendering, .assembling, .paused, .succeeded,
                .failed, .canceled:
                false
            }
        }

        /// Why it failed, in words for its owner.
        package var reason: String? {
            switch self {
            case .failing(let reason), .failed(let reason): reason
            case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling,
                .succeeded, .canceled:
                nil
            }
        }
    }

    package enum Event: Hashable, Sendable {
        /// All tasks are written, and the messages of those that may begin.
        case split
        /// The canary's tasks have succeeded, and the messages of the others are sent.
        case prove
        /// The first task was leased.
        case start
        /// The last task of frames became terminal, or the assembly after them.
        case settle
        case pause
        case resume
        case cancel
        /// A task failed for good, which is the end of a job whose canary it was, or that has nothing to show.
        case giveUp(RenderFailure)
        /// Some of its tasks are open again, since somebody wants them tried once more.
        case reopen
    }

    package let id: JobID
    package let source: SceneObject
    /// `nil` for a job that failed before its file could be read.
    package let settings: RenderSettings?
    /// Frames in a task; the last one may hold fewer.
    package let chunk: Int
    package let taskCount: Int
    package let created: Timestamp
    package let terms: JobTerms
    package private(set) var state: State
    package private(set) var settled: Timestamp?
    /// What holds the job up, in words for its owner; written by the scaler, whatever the state.
    package let note: String?
    /// Written by task transitions only, in the transaction that moves the task.
    package let tally: JobTally

    package init(
        id: JobID, source: SceneObject, settings: RenderSettings?, chunk: Int, taskCount: Int,
        created: Timestamp, terms: JobTerms = JobTerms(), state: State = .splitting,
        settled: Timestamp? = nil, note: String? = nil, tally: JobTally = JobTally()
    ) {
        self.id = id
        self.source = source
        self.settings = settings
        self.chunk = chunk
        self.taskCount = taskCount
        self.created = created
        self.terms = terms
        self.state = state
        self.settled = settled
        self.note = note
        self.tally = tally
    }

    /// A job that ends before it begins.
    package static func refused(
        _ refusal: JobRefusal, id: JobID, source: SceneObject, at now: Timestamp
    ) -> Job {
        Job(
            id: id, source: source, settings: nil, chunk: 1, taskCount: 0, created: now,
            state: .failed(reason: refusal.description), settled: now)
    }

    package var openTaskCount: Int { taskCount - tally.terminalTasks }

    /// Frames that no ended task stands for; what is stored of an open task's still counts.
    ///
    /// Bounded by the open tasks, since a task that failed left frames nobody will render. Where a
    /// frame is several tasks, it is the work that they stand for, in frames.
    package var framesLeft: Int {
        guard let settings else { return 0 }
        let shares = terms.slices.shares
        guard shares == 1 else { return (openTaskCount + shares - 1) / shares }
        return max(0, min(settings.frames.count - tally.frames, openTaskCount * chunk))
    }

    /// Frames that may still be stored: as many as a person who waits has to wait for.
    package var framesToCome: Int {
        guard let settings, terms.slices.shares > 1 else { return framesLeft }
        return max(0, min(settings.frames.count - tally.frames, openTaskCount))
    }

    /// The job after an event, or `nil` when the event changes nothing (again, or too late).
    package func after(_ event: Event, at now: Timestamp) -> Job? {
        let next: State
        switch (event, state) {
        case (.split, .splitting): next = terms.hasCanary ? .trying : .queued
        case (.prove, .trying):
            guard isProven else { return nil }
            next = .queued
        case (.start, .queued): next = .rendering
        case (.settle, .queued), (.settle, .rendering), (.settle, .splitting),
            (.settle, .trying):
            guard openTaskCount == 0 else { return nil }
            next = isAssemblyDue ? .assembling : outcome
        case (.settle, .assembling), (.settle, .paused):
            guard openTaskCount == 0, !isAssemblyDue else { return nil }
            next = outcome
        case (.settle, .canceling), (.settle, .failing):
            // Its assembly is canceled with the others, and a worker may be at it.
            guard openTaskCount == 0, hasAssemblyEnded else { return nil }
            next = outcome
        case (.pause, .trying), (.pause, .queued), (.pause, .rendering), (.pause, .assembling):
            next = .paused
        // The next lease starts it again.
        case (.resume, .paused): next = isAssemblyDue ? .assembling : unproven ?? .queued
        case (.cancel, .splitting), (.cancel, .trying), (.cancel, .queued), (.cancel, .rendering),
            (.cancel, .assembling), (.cancel, .paused):
            next = .canceling
        case (.giveUp(let failure), .trying), (.giveUp(let failure), .queued),
            (.giveUp(let failure), .rendering), (.giveUp(let failure), .paused):
            guard let reason = hopelessness else { return nil }
            next = .failing(reason: "\(reason) \(failure.message)")
        case (.reopen, .failed), (.reopen, .canceled):
            guard taskCount > 0 else { return nil }
            next = unproven ?? .queued
        case (.reopen, .succeeded):
            guard isAssemblyDue else { return nil }
            next = .queued
        case (.reopen, .assembling):
            guard openTaskCount > 0 else { return nil }
            next = unproven ?? .queued
        case (.split, _), (.prove, _), (.start, _), (.settle, _), (.pause, _), (.resume, _),
            (.cancel, _),
            (.giveUp, _), (.reopen, _):
            return nil
        }
        var job = self
        job.state = next
        job.settled = next.isSettled ? now : nil
        return job
    }

    /// Why the rest of it is not worth a try, if so.
    ///
    /// One bad frame says little of the others, unless it is of the canary; of three in a row at a job's
    /// beginning each machine that would try a fourth is paid in vain.
    private var hopelessness: String? {
        if isCanaryDead {
            return
                "Its first, middle and last frames are rendered before the others, and one of them "
                + "failed, so the other \(openTaskCount) tasks were not tried. The reason:"
        }
        guard tally.succeeded == 0, tally.failed >= 3, openTaskCount > 0 else { return nil }
        return "Its first \(tally.failed) tasks failed and none succeeded, so the other "
            + "\(openTaskCount) were not tried. The last one's reason:"
    }

    var outcome: State {
        // A cancellation that came too late canceled nothing.
        if tally.succeeded == taskCount { return .succeeded }
        if case .canceling = state { return .canceled }
        if case .failing(let reason) = state { return .failed(reason: reason) }
        guard tally.failed == 0 else {
            return .failed(
                reason: "\(tally.failed) of \(taskCount) tasks failed: "
                    + "their reasons and logs stand with them.")
        }
        return .canceled
    }
}
