/// The unit that is queued, leased and requeued: one chunk of a job's frames, a share of one frame,
/// or the assembly of all frames.
///
///              lease                        succeed
///     queued ─────────▶ leased (renew, promise ↺) ────▶ succeeded
///        ▲                │   │
///        ├── interrupt ───┤   └─ fail, retries spent ─▶ failed
///        ├── expire ──────┤
///        └── fail, retry ─┘      cancel, from queued or leased ─▶ canceled
///
/// `remind` sends the message of a queued task again when it was lost. `retry` puts a failed or
/// canceled task back into the queue when a person asks for it.
///
/// `apply(_:at:retries:)` is the only way to move a task. It does no I/O: it returns the moved task
/// with its effects, so every rule is tested without AWS and without a clock.
package struct RenderTask: Hashable, Sendable {
    /// A failed render, with its worker and its class of error.
    package struct Failure: Hashable, Sendable {
        package let worker: WorkerID
        package let errorClass: ErrorClass

        package init(by worker: WorkerID, _ errorClass: ErrorClass) {
            self.worker = worker
            self.errorClass = errorClass
        }
    }

    /// What the task does with its frames.
    package enum Work: String, Hashable, Sendable {
        case frames
        /// Makes thumbnails, contact sheet and video of the stored frames.
        case assembly
    }

    package enum State: Hashable, Sendable {
        /// Waits for a worker.
        case queued
        /// One worker renders it. No other worker may until the lease expires.
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
        /// The holder was warned, and will finish before its machine goes away at `until`.
        case promise(FencingToken, until: Timestamp)
        case succeed(FencingToken, RenderReport)
        case fail(FencingToken, RenderFailure, RenderReport)
        /// The worker goes away. The frames are not at fault, so no retry is spent. The report is
        /// there when the worker itself hands the task back.
        case interrupt(FencingToken, Interruption, RenderReport? = nil)
        /// The lease has expired. Refused while it has not.
        case expire
        /// The message counts as lost.
        case remind
        case cancel
        /// Resets the counts of failures and interruptions. The token keeps rising.
        case retry
        /// A worker of any share has stored the frame. The task of the first share counts it.
        case countFrame
    }

    package let id: TaskID
    package let frames: FrameRange
    /// Of the samples of `frames`: all, or a part of its one frame's.
    package let share: SampleShare
    package let work: Work
    /// Its job's.
    package let priority: JobPriority
    package private(set) var state: State
    /// Failed renders since it was last given fresh budgets, in order: few, since these bound them.
    /// Interruptions are counted apart, and never spend a retry.
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
            return end(LeaseEnd(lease, report, now), .succeeded, .succeeded)
        case .fail(let presented, let failure, let report):
            let lease = try lease(for: presented, event)
            return fail(LeaseEnd(lease, report, now), failure, retries)
        case .interrupt(let presented, let interruption, let report):
            let lease = try lease(for: presented, event)
            if interruption.path.leavesPromises, let until = lease.promisedUntil, now < until {
                throw .promised(until: until)
            }
            return requeue(LeaseEnd(lease, report, now), .interrupted(interruption))
        case .expire:
            guard case .leased(let lease) = state, lease.isExpired(at: now) else {
                throw .illegal(event, in: state)
            }
            return requeue(LeaseEnd(lease, nil, now), .expired)
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
                return end(LeaseEnd(lease, nil, now), .canceled, .canceled)
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

    /// The end of a lease, with what the worker measured.
    private struct LeaseEnd {
        let lease: Lease
        let report: RenderReport?
        let time: Timestamp

        init(_ lease: Lease, _ report: RenderReport?, _ time: Timestamp) {
            self.lease = lease
            self.report = report
            self.time = time
        }
    }

    private func fail(
        _ ended: LeaseEnd, _ failure: RenderFailure, _ retries: RetryPolicy
    ) -> TaskTransition {
        var counted = self
        let errorClass = failure.kind.errorClass
        counted.failures.append(Failure(by: ended.lease.worker, errorClass))
        let count = counted.failures.count { $0.errorClass == errorClass }
        let isLast = retries.failuresMax(of: errorClass).map { count >= $0 } ?? false
        let next = counted.moved(to: isLast ? .failed(failure) : .queued, at: ended.time)
        var effects: [Effect] = []
        if isLast {
            effects.append(.deadLetter(id, failure))
            switch work {
            case .frames: effects.append(.giveUpJob(id.job, failure))
            case .assembly: effects.append(.noteMissingAssembly(id.job, failure))
            }
            effects.append(.settleJob(id.job))
        } else {
            let delay = retries.delay(afterFailures: counted.failures.count)
            effects.append(.enqueue(message, delay: delay))
        }
        return TaskTransition(
            from: self, to: next, attempt: attempt(ended, .failed(failure)), effects: effects)
    }

    private func requeue(_ ended: LeaseEnd, _ outcome: Attempt.Outcome) -> TaskTransition {
        var next = moved(to: .queued, at: ended.time)
        next.interruptionCount += 1
        return TaskTransition(
            from: self, to: next, attempt: attempt(ended, outcome),
            effects: [.enqueue(next.message, delay: .zero)])
    }

    private func end(
        _ ended: LeaseEnd, _ state: State, _ outcome: Attempt.Outcome
    ) -> TaskTransition {
        TaskTransition(
            from: self, to: moved(to: state, at: ended.time), attempt: attempt(ended, outcome),
            effects: [.settleJob(id.job)])
    }

    private func attempt(_ ended: LeaseEnd, _ outcome: Attempt.Outcome) -> Attempt {
        Attempt(
            task: id, token: token, lease: ended.lease, end: ended.time, outcome: outcome,
            report: ended.report)
    }

    private func moved(to state: State, at now: Timestamp) -> RenderTask {
        var next = self
        next.changed = now
        next.state = state
        next.revision += 1
        return next
    }
}
