/// Where jobs are kept.
package protocol JobStore: Sendable {
    /// `false` when a job of this id exists already; it is left as it is.
    func create(_ job: Job) async throws(PortError) -> Bool
    /// Reads what was last written, never an older state.
    func job(_ id: JobID) async throws(PortError) -> Job?
    /// Stores `job`'s state if the stored state is still `old`'s; `false` when it is not.
    ///
    /// A job is settled or assembled only if the stored counts of ended tasks are `old`'s too,
    /// since a task may have been reopened. Only state, reason and settled time are written: the
    /// tally belongs to the transactions of tasks.
    func replace(_ old: Job, with job: Job) async throws(PortError) -> Bool
    /// Puts a note on the job for its owner, or takes it away. Nothing else of the job changes.
    func note(_ note: JobNote?, on id: JobID) async throws(PortError)
    /// Jobs that are not settled. May lag a moment behind writes.
    func openJobs() async throws(PortError) -> [Job]
    /// Settled jobs, with or without a notification. May lag a moment behind writes.
    func settledJobs() async throws(PortError) -> [Job]
    /// Settled jobs of which people were not notified yet. May lag a moment behind writes.
    func unnotifiedJobs() async throws(PortError) -> [Job]
    /// Claims the notification of a settled job: `true` for one of several callers. After `end`,
    /// another caller may claim it if it was not marked, since the first caller may have died.
    func claimNotification(
        of id: JobID, until end: Timestamp, at now: Timestamp
    ) async throws(PortError) -> Bool
    /// Marks that people were notified of a settled job; `false` if it was marked before.
    @discardableResult
    func markNotified(_ id: JobID) async throws(PortError) -> Bool
}

/// Lost races for one item before giving up. Each loss means that another program made progress.
package let raceAttemptsMax = 16
