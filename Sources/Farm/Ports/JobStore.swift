/// Where jobs are kept.
package protocol JobStore: Sendable {
    /// `false` when a job of this id exists already; it is left as it is.
    func create(_ job: Job) async throws(PortError) -> Bool
    /// Reads what was last written, never an older state.
    func job(_ id: JobID) async throws(PortError) -> Job?
    /// Stores `job`'s state if the stored state is still `old`'s; `false` when it is not.
    ///
    /// A job is settled, or assembled, only on the counts of ended tasks that `old` has, too: a task may have
    /// been reopened since. Only state and settled time are written: the tally belongs to the tasks'
    /// transactions.
    func replace(_ old: Job, with job: Job) async throws(PortError) -> Bool
    /// Puts a remark for the job's owner on it, or takes it away; nothing else of the job changes.
    func note(_ text: String?, on id: JobID) async throws(PortError)
    /// Jobs that are not settled. May lag a moment behind writes.
    func openJobs() async throws(PortError) -> [Job]
    /// Jobs that are settled, told of or not. May lag a moment behind writes.
    func settledJobs() async throws(PortError) -> [Job]
    /// Settled jobs of which nobody was told yet. May lag a moment behind writes.
    func unnotifiedJobs() async throws(PortError) -> [Job]
    /// Leaves the telling of a settled job to one of those who ask: the first hears `true`, and once
    /// `end` has passed without a mark another does, for the first may have died.
    func claimNotification(
        of id: JobID, until end: Timestamp, at now: Timestamp
    ) async throws(PortError) -> Bool
    /// People were told of a settled job. The answer is whether that is new.
    @discardableResult
    func markNotified(_ id: JobID) async throws(PortError) -> Bool
}

extension JobStore {
    /// Moves a job, starting over when someone else moved it first; `nil` when the event changes
    /// nothing (any more) or there is no such job.
    @discardableResult
    package func apply(
        _ event: Job.Event, to id: JobID, at now: Timestamp
    ) async throws(PortError) -> Job? {
        for _ in 0..<raceAttemptsMax {
            guard let old = try await job(id), let new = old.after(event, at: now) else {
                return nil
            }
            if try await replace(old, with: new) { return new }
        }
        throw PortError(.unavailable, "move job \(id)", "it kept changing; try again")
    }
}

/// Lost races for one item before giving up: each means that someone else made progress.
package let raceAttemptsMax = 16
