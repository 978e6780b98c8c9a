/// One chunk of a job's frames, a share of one frame, or the assembly of all of them, and where it stands: the unit that
/// is queued, leased and requeued.
///
///              lease                        succeed
///     queued ─────────▶ leased (renew, promise ↺) ────▶ succeeded
///        ▲                │   │
///        ├── interrupt ───┤   └─ fail, retries spent ─▶ failed
///        ├── expire ──────┤
///        └── fail, retry ─┘      cancel, from queued or leased ─▶ canceled
///
/// A queued task whose message was lost stays queued and sends another one: remind. A failed or
/// canceled one goes back to the queue when a person wants it tried again: retry.
///
/// `apply(_:at:retries:)` is the only way to move a task. It does no I/O: it gives the moved task
/// and says what must happen next, so every rule is tested without AWS and without a clock.
package struct RenderTask: Hashable, Sendable {
    /// A failed render: whose, and of what class.
    package struct Failure: Hashable, Sendable {
        package let worker: WorkerID
        package let errorClass: ErrorClass

        package init(by worker: WorkerID, _ errorClass: ErrorClass) {
            self.worker = worker
            self.errorClass = errorClass
        }
    }

    /// What is done with its frames.
    package enum Work: String, Hashable, Sendable {
        case frames
        /// Thumbnails, contact sheet and video are made of those that are stored.
        case assembly
    }

    package enum State: Hashable, Sendable {
        /// Waits for a worker.
        case queued
        /// One worker renders it; until the lease expires no other may.
        case leased(Lease)
        /// Every frame of the chunk is stored. Terminal.
        case succeeded
        /// The retries are spent. Terminal: a message goes to the dead-letter queue.
        case failed(RenderFailure)
        /// The job was canceled. Terminal.
        case canceled

        package var isTerminal: Bool {
            switch self {
            case .queued, .leased: false
            case .succeeded, .failed, .canceled: true
            }
        }
    }

    package enum Event: Hashable, Sendable {
        /// With what the worker's instance costs in USD an hour, if that is known.
        case lease(WorkerID, Pool, until: Timestamp, pricePerHour: Money? = nil)
        case renew(FencingToken, until: Timestamp)
        /// The holder was warned, and will be done before its machine goes away at `until`.
        case promise(FencingToken, until: Timestamp)
        case succeed(FencingToken, RenderReport)
        case fail(FencingToken, RenderFailure, RenderReport)
        /// The worker goes away through no fault of the frames, so no retry is spent.
        /// What was stored before is reported where the worker itself hands the task back.
        case interrupt(FencingToken, Interruption, RenderReport? = nil)
        /// The lease ran out: refused while it has not.
        case expire
        /// The message is taken for lost.
        case remind
        case cancel
        /// With fresh budgets of failures and interruptions. The token goes on rising.
        case retry
        /// The frame is stored, by whichever of its shares' workers: its first share's task counts it.
        case countFrame
    }

    /// What the caller must do, in order, once the new state is stored.
    package enum Effect: Hashable, Sendable {
        case enqueue(TaskMessage, delay: Duration)
        case deadLetter(TaskID, RenderFailure)
        /// Its pictures will not be assembled: for the job's owner.
        case noteMissingAssembly(JobID, RenderFailure)
        case settleJob(JobID)
    }

    package enum TransitionError: Error, Hashable, Sendable {
        /// The event comes from a worker that has lost its lease.
        case stale(presented: FencingToken, current: FencingToken)
        case illegal(Event, in: State)
        /// Its worker has promised to be done by then: leave it alone.
        case promised(until: Timestamp)
    }

    package let id: TaskID
    package let frames: FrameRange
    /// Of the samples of `frames`: all, or a part of its one frame's.
    package let share: SampleShare
    package let work: Work
    /// Its job's.
    package let priority: JobPriority
    package private(set) var state: State
    /// Failed renders since it was last given fresh budgets, in order: few, since these bound them. Interruptions
    /// are counted apart, and never spend a retry.
    package private(set) var failures: [Failure]
    package private(set) var interruptionCount: Int
    /// Rises with every lease, so that a late write of an earlier holder is told apart.
    package private(set) var token: FencingToken
    /// Rises with every change. A write is refused unless it starts from the stored revision, so
    /// that a lease renewed a moment ago can't be expired by one who read it before.
    package private(set) var revision: Int
    /// Whether the frame of which it is the first of several shares is in the job's count.
    package private(set) var isFrameCounted: Bool
    /// When it last moved; `nil` while it is as its job was split.
    package private(set) var changed: Timestamp?

    package init(
        id: TaskID, frames: FrameRange, share: SampleShare = .all, work: Work = .frames,
        priority: JobPriority = .normal
    ) {
        self.init(
            id: id, frames: frames, share: share, work: work, priority: priority, state: .queued,
            failures: [], interruptionCount: 0, token: .unleased, revision: 0)
    }

    /// As a store read it back.
    package init(
        id: TaskID, frames: FrameRange, share: SampleShare = .all, work: Work = .frames,
        priority: JobPriority = .normal, state: State, failures: [Failure], interruptionCount: Int,
        token: FencingToken, revision: Int,
        isFrameCounted: Bool = false, changed: Timestamp? = nil
    ) {
        precondition(share == .all || frames.count == 1, "A share is of one frame.")
        self.id = id
        self.frames = frames
        self.share = share
        self.work = work
        self.priority = priority
        self.state = state
        self.failures = failures
        self.interruptionCount = interruptionCount
        self.token = token
        self.revision = revision
        self.isFrameCounted = isFrameCounted
        self.changed = changed
    }

    /// The moved task with what follows from the move, or a refusal.
    package func apply(
        _ event: Event, at now: Timestamp, retries: RetryPolicy = RetryPolicy()
    ) throws(TransitionError) -> TaskTransition {
        switch event {
        case .lease(let worker, let pool, let until, let price):
            guard case .queued = state else { throw .illegal(event, in: state) }
            let lease = Lease(
                worker: worker, pool: pool, pricePerHour: price, start: now, until: until)
            var next = moved(to: .leased(lease), at: now)
            next.token = token.next
            return TaskTransition(from: self, to: next)
        case .renew(let presented, let until):
            var lease = try lease(for: presented, event)
            lease.until = max(lease.until, until)
            return TaskTransition(from: self, to: moved(to: .leased(lease), at: now))
        case .promise(let presented, let until):
            var lease = try lease(for: presented, event)
            lease.promisedUntil = until
            return TaskTransition(from: self, to: moved(to: .leased(lease), at: now))
        case .succeed(let presented, let report):
            let lease = try lease(for: presented, event)
            return end(lease, .succeeded, .succeeded, report, at: now, [.settleJob(id.job)])
        case .fail(let presented, let failure, let report):
            let lease = try lease(for: presented, event)
            return fail(lease, failure, report, at: now, retries)
        case .interrupt(let presented, let interruption, let report):
            let lease = try lease(for: presented, event)
            if interruption.path.leavesPromises, let until = lease.promisedUntil, now < until {
                throw .promised(until: until)
            }
            return requeue(lease, .interrupted(interruption), report, at: now)
        case .expire:
            guard case .leased(let lease) = state, lease.isExpired(at: now) else {
                throw .illegal(event, in: state)
            }
            return requeue(lease, .expired, nil, at: now)
        case .remind:
            guard case .queued = state else { throw .illegal(event, in: state) }
            return TaskTransition(
                from: self, to: moved(to: .queued, at: now),
                effects: [.enqueue(message, delay: .zero)])
        case .cancel:
            switch state {
            case .queued:
                return TaskTransition(
                    from: self, to: moved(to: .canceled, at: now), effects: [.settleJob(id.job)])
            case .leased(let lease):
                return end(lease, .canceled, .canceled, nil, at: now, [.settleJob(id.job)])
            case .succeeded, .failed, .canceled:
                throw .illegal(event, in: state)
            }
        case .retry:
            switch state {
            case .failed, .canceled: return renewed(at: now)
            // Frames have come, or come anew: they are assembled again.
            case .succeeded where work == .assembly: return renewed(at: now)
            case .queued, .leased, .succeeded: throw .illegal(event, in: state)
            }
        case .countFrame:
            guard share.count > 1, share.isFirst, !isFrameCounted else {
                throw .illegal(event, in: state)
            }
            var next = moved(to: state, at: now)
            next.isFrameCounted = true
            return TaskTransition(from: self, to: next)
        }
    }

    /// The lease, if `presented` is its token; a holder that lost it gets `stale`.
    private func lease(
        for presented: FencingToken, _ event: Event
    ) throws(TransitionError) -> Lease {
        guard presented == token else { throw .stale(presented: presented, current: token) }
        switch state {
        case .leased(let lease): return lease
        // The holder's own token, and yet no lease: someone requeued or ended the task.
        case .queued: throw .stale(presented: presented, current: token)
        case .succeeded, .failed, .canceled: throw .illegal(event, in: state)
        }
    }

    private func renewed(at now: Timestamp) -> TaskTransition {
        var fresh = self
        (fresh.failures, fresh.interruptionCount) = ([], 0)
        return TaskTransition(
            from: self, to: fresh.moved(to: .queued, at: now),
            // Its job sends the assembly's message when its frames have ended.
            effects: work == .assembly ? [] : [.enqueue(message, delay: .zero)])
    }

    private func fail(
        _ lease: Lease, _ failure: RenderFailure, _ report: RenderReport, at now: Timestamp,
        _ retries: RetryPolicy
    ) -> TaskTransition {
        var counted = self
        let errorClass = failure.kind.errorClass
        counted.failures.append(Failure(by: lease.worker, errorClass))
        let count = counted.failures.count { $0.errorClass == errorClass }
        let isLast = retries.failuresMax(of: errorClass).map { count >= $0 } ?? false
        let next = counted.moved(to: isLast ? .failed(failure) : .queued, at: now)
        var effects: [Effect] = []
        if isLast {
            effects.append(.deadLetter(id, failure))
            if work == .assembly { effects.append(.noteMissingAssembly(id.job, failure)) }
            effects.append(.settleJob(id.job))
        } else {
            let delay = retries.delay(afterFailures: counted.failures.count)
            effects.append(.enqueue(message, delay: delay))
        }
        return TaskTransition(
            from: self, to: next,
            attempt: attempt(lease, .failed(failure), report, at: now), effects: effects)
    }

    private func requeue(
        _ lease: Lease, _ outcome: Attempt.Outcome, _ report: RenderReport?, at now: Timestamp
    ) -> TaskTransition {
        var next = moved(to: .queued, at: now)
        next.interruptionCount += 1
        return TaskTransition(
            from: self, to: next, attempt: attempt(lease, outcome, report, at: now),
            effects: [.enqueue(next.message, delay: .zero)])
    }

    private func end(
        _ lease: Lease, _ state: State, _ outcome: Attempt.Outcome, _ report: RenderReport?,
        at now: Timestamp, _ effects: [Effect]
    ) -> TaskTransition {
        TaskTransition(
            from: self, to: moved(to: state, at: now),
            attempt: attempt(lease, outcome, report, at: now),
            effects: effects)
    }

    private func attempt(
        _ lease: Lease, _ outcome: Attempt.Outcome, _ report: RenderReport?, at now: Timestamp
    ) -> Attempt {
        Attempt(task: id, token: token, lease: lease, end: now, outcome: outcome, report: report)
    }

    private func moved(to state: State, at now: Timestamp) -> RenderTask {
        var next = self
        next.changed = now
        next.state = state
        next.revision += 1
        return next
    }
}
