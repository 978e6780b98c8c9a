/// One scene and a frame range, and how far it is.
///
///     splitting ──split──▶ queued ──start──▶ rendering ─settle─▶ assembling ──▶ succeeded | failed
///        └─split─▶ trying ─prove─▲ └──pause──▶ paused ◀──pause──┘         │
///                     └──pause, resume───┘ └────┘ └────pause, resume────┘
///         cancel, from any of these ──▶ canceling ──settle──▶ canceled
///         give up, from any of these ──▶ failing ──settle──▶ failed
///     succeeded | failed | canceled | assembling ──reopen──▶ queued | trying
///
/// A job with a canary begins with its first, middle and last frame, on one instance: faults that
/// affect every frame show up there. The other tasks wait without a message until these three have
/// succeeded.
///
/// Once the last frame's task has ended, one more task assembles thumbnails, contact sheet and
/// video. Its outcome does not change the outcome of the job.
///
/// A job whose first tasks all failed is given up, since the others would probably fail too. A job
/// that is canceled or given up settles with its last task: the program that cancels may die half
/// way, and the repair, which looks at open jobs, continues.
///
/// An upload that can't be rendered becomes a failed job with the reason, so that the uploader
/// learns why there are no frames.
package struct Job: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// All tasks are written, and the messages of those that may begin are sent.
        case split
        /// The canary's tasks have succeeded, and the messages of the other tasks are sent.
        case prove
        /// The first task was leased.
        case start
        /// A task has ended. The counts decide what follows for the job.
        case endTask(TaskID)
        /// The same question without a task: asked by the repair and after a retry.
        case settle
        case pause
        case resume
        case cancel
        /// A task failed for good. The job ends if the counts leave it no hope.
        case giveUp(RenderFailure)
        /// Some of its tasks are open again, because a person retries them.
        case reopen
    }

    /// What the caller must do, in order, once the new state is stored.
    package enum Effect: Hashable, Sendable {
        /// Send the messages of the tasks that waited for the canary, then apply `prove`.
        case prove
        /// Apply `giveUp` with the failure that the canary's failed task has stored.
        case giveUpAfterCanary
        /// Send the message of the task that assembles the pictures.
        case enqueueAssembly(TaskID)
        /// Send the messages of all tasks that wait and may begin.
        case enqueueTasks
        /// Cancel the tasks that are still open. The repair does it where the caller can't.
        case cancelTasks
    }

    package enum TransitionError: Error, Hashable, Sendable {
        /// The state does not allow the event: it comes again, or too late.
        case illegal(Event, in: State)
        /// The counts of ended tasks do not allow the event.
        case premature(Event)
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
    /// What holds the job up, written by the scaler whatever the state, or why nothing was
    /// assembled.
    package let note: JobNote?
    /// Written by task transitions only, in the transaction that moves the task.
    package let tally: JobTally

    package init(
        id: JobID, source: SceneObject, settings: RenderSettings?, chunk: Int, taskCount: Int,
        created: Timestamp, terms: JobTerms = JobTerms(), state: State = .splitting,
        settled: Timestamp? = nil, note: JobNote? = nil, tally: JobTally = JobTally()
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
            state: .failed(.refused(refusal.description)), settled: now)
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

    /// The moved job with what follows from the move, or a refusal.
    ///
    /// A transition may leave the job as it is and still have effects: a proven canary's messages
    /// are sent before the job is moved.
    package func apply(
        _ event: Event, at now: Timestamp
    ) throws(TransitionError) -> JobTransition {
        switch (event, state) {
        case (.split, .splitting):
            let next = moved(to: terms.hasCanary ? .trying : .queued, at: now)
            return JobTransition(from: self, to: next, effects: next.canaryEffects)
        case (.prove, .trying):
            guard isProven else { throw .premature(event) }
            return move(to: .queued, at: now)
        case (.start, .queued): return move(to: .rendering, at: now)
        case (.endTask(let task), .trying) where openTaskCount > 0:
            // While the messages of a proven job are sent, its other tasks may already end.
            guard isCanary(task), !canaryEffects.isEmpty else { throw .premature(event) }
            return JobTransition(from: self, to: self, effects: canaryEffects)
        case (.settle, .trying) where openTaskCount > 0:
            guard !canaryEffects.isEmpty else { throw .premature(event) }
            return JobTransition(from: self, to: self, effects: canaryEffects)
        case (.endTask, .splitting), (.endTask, .trying), (.endTask, .queued),
            (.endTask, .rendering), (.endTask, .assembling), (.endTask, .paused),
            (.endTask, .canceling), (.endTask, .failing), (.settle, .splitting),
            (.settle, .trying), (.settle, .queued), (.settle, .rendering), (.settle, .assembling),
            (.settle, .paused), (.settle, .canceling), (.settle, .failing):
            guard let next = settlement else { throw .premature(event) }
            return move(
                to: next, at: now, next == .assembling ? [.enqueueAssembly(assembly)] : [])
        case (.pause, .trying), (.pause, .queued), (.pause, .rendering), (.pause, .assembling):
            return move(to: .paused, at: now)
        // The next lease starts it again.
        case (.resume, .paused):
            return move(
                to: isAssemblyDue ? .assembling : unproven ?? .queued, at: now, [.enqueueTasks])
        case (.cancel, .splitting), (.cancel, .trying), (.cancel, .queued), (.cancel, .rendering),
            (.cancel, .assembling), (.cancel, .paused):
            return move(to: .canceling, at: now, [.cancelTasks])
        case (.giveUp(let failure), .trying), (.giveUp(let failure), .queued),
            (.giveUp(let failure), .rendering), (.giveUp(let failure), .paused):
            guard let reason = hopelessness(failure) else { throw .premature(event) }
            return move(to: .failing(reason), at: now, [.cancelTasks])
        case (.reopen, .failed), (.reopen, .canceled):
            guard taskCount > 0 else { throw .illegal(event, in: state) }
            return move(to: unproven ?? .queued, at: now)
        case (.reopen, .succeeded):
            guard isAssemblyDue else { throw .premature(event) }
            return move(to: .queued, at: now)
        case (.reopen, .assembling):
            guard openTaskCount > 0 else { throw .premature(event) }
            return move(to: unproven ?? .queued, at: now)
        case (.split, _), (.prove, _), (.start, _), (.endTask, _), (.settle, _), (.pause, _),
            (.resume, _), (.cancel, _), (.giveUp, _), (.reopen, _):
            throw .illegal(event, in: state)
        }
    }

    /// The one decision about a job whose canary has ended: go on with the other tasks, or give up.
    private var canaryEffects: [Effect] {
        guard case .trying = state else { return [] }
        if isProven { return [.prove] }
        return isCanaryDead ? [.giveUpAfterCanary] : []
    }

    /// Where the job goes when its frames' tasks have all ended; `nil` while something is open.
    private var settlement: State? {
        guard openTaskCount == 0 else { return nil }
        switch state {
        case .splitting, .trying, .queued, .rendering:
            return isAssemblyDue ? .assembling : outcome
        case .assembling, .paused: return isAssemblyDue ? nil : outcome
        // The assembly is canceled with the other tasks, and a worker may still be at it.
        case .canceling, .failing: return hasAssemblyEnded ? outcome : nil
        case .succeeded, .failed, .canceled: return nil
        }
    }

    private func move(to state: State, at now: Timestamp, _ effects: [Effect] = []) -> JobTransition
    {
        JobTransition(from: self, to: moved(to: state, at: now), effects: effects)
    }

    private func moved(to state: State, at now: Timestamp) -> Job {
        var job = self
        job.state = state
        job.settled = state.isSettled ? now : nil
        return job
    }

    /// Why the open tasks are not worth a try; `nil` while they are.
    ///
    /// One bad frame says little about the others, unless it belongs to the canary. After three
    /// failures in a row at a job's beginning, every further machine is probably paid in vain.
    private func hopelessness(_ failure: RenderFailure) -> JobFailure? {
        if isCanaryDead {
            return .canaryFailed(untried: openTaskCount, reason: failure.message)
        }
        guard tally.succeeded == 0, tally.failed >= 3, openTaskCount > 0 else { return nil }
        return .firstTasksFailed(
            count: tally.failed, untried: openTaskCount, lastReason: failure.message)
    }

    var outcome: State {
        // A cancellation that came too late canceled nothing.
        if tally.succeeded == taskCount { return .succeeded }
        if case .canceling = state { return .canceled }
        if case .failing(let failure) = state { return .failed(failure) }
        guard tally.failed == 0 else {
            return .failed(.tasksFailed(count: tally.failed, of: taskCount))
        }
        return .canceled
    }
}
