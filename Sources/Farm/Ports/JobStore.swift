/// Where jobs are kept.
package protocol JobStore: Sendable {
    /// `false` when a job of this id exists already; it is left as it is.
    func create(_ job: Job) async throws(PortError) -> Bool
    /// Reads what was last written, never an older state.
    func job(_ id: JobID) async throws(PortError) -> Job?
    /// Stores `job`'s state if the stored state is still `old`'s; `false` when it is not.
    ///
    /// Only state and settled time are written: the tally belongs to the tasks' transactions.
    func replace(_ old: Job, with job: Job) async throws(PortError) -> Bool
    /// Jobs that are not settled. May lag a moment behind writes.
    func openJobs() async throws(PortError) -> [Job]
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
