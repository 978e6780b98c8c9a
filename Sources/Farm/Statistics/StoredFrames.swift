/// How many frames are stored, by job and by attempt. Each frame counts once.
///
/// A report counts the frames that its own attempt stored. An attempt that ended without a report
/// may have stored frames too: the interruption handler may requeue a task while the worker stores
/// a frame of it. Once the task has succeeded, all its frames are stored. The frames that no report
/// counts then belong to the last attempt without a report.
package struct StoredFrames: Hashable, Sendable {
    private struct Key: Hashable {
        let task: TaskID
        let token: FencingToken

        init(_ attempt: Attempt) {
            task = attempt.task
            token = attempt.token
        }
    }

    private var byJob: [JobID: Int] = [:]
    private var byAttempt: [Key: Int] = [:]

    /// - Parameter attempts: Attempts of other jobs are left out.
    package init(_ jobs: [Job], _ attempts: [Attempt]) {
        let byJob = Dictionary(grouping: attempts, by: \.task.job)
        for job in jobs {
            let attempts = (byJob[job.id] ?? []).filter { $0.task != job.assembly }
            // The tasks of one frame follow each other.
            let shares = job.terms.slices.shares
            let groups = Dictionary(grouping: attempts) { ($0.task.number - 1) / shares }
            for group in groups.values { count(group, of: job) }
            let counted = attempts.reduce(0) { $0 + count(of: $1) }
            // The attempts of an old job may have been removed.
            self.byJob[job.id] = max(job.tally.frames, counted)
        }
    }

    package func count(of job: JobID) -> Int { byJob[job] ?? 0 }

    package func count(of attempt: Attempt) -> Int { byAttempt[Key(attempt)] ?? 0 }

    /// - Parameter attempts: All attempts of one task, or of all tasks that share one frame.
    private mutating func count(_ attempts: [Attempt], of job: Job) {
        guard let first = attempts.first else { return }
        let planned = SplitPlan.frameCount(of: first.task, in: job)
        // Of a task outside the plan only the reports are known.
        var left = planned > 0 ? planned : Int.max
        for attempt in attempts.sorted(by: { $0.end < $1.end }) {
            // Two workers that merge the same slices both report the frame.
            let count = min(left, attempt.report?.frameCount ?? 0)
            byAttempt[Key(attempt)] = count
            left -= count
        }
        let succeeded = Set(attempts.filter { $0.outcome == .succeeded }.map(\.task))
        guard planned > 0, left > 0, succeeded.count == job.terms.slices.shares,
            let unreported = attempts.filter(\.isUnreported).max(by: { $0.end < $1.end })
        else { return }
        byAttempt[Key(unreported), default: 0] += left
    }
}

extension Attempt {
    /// The worker lost its lease before it could report.
    fileprivate var isUnreported: Bool {
        switch outcome {
        case .interrupted, .expired, .canceled: report == nil
        case .succeeded, .failed: false
        }
    }
}
