/// Where workers report.
package protocol WorkerStore: Sendable {
    /// Stores a worker if the stored revision is still its own, or a new worker with revision 0.
    ///
    /// - Returns: The worker with its new revision; `nil` when another program has written it. So
    ///   the scaler can't end an idle worker while it leases a task.
    func save(_ worker: WorkerRecord) async throws(PortError) -> WorkerRecord?
    /// Reads what was last written, never an older state.
    func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord?
    /// All workers that are not gone. May lag a moment behind writes.
    func openWorkers() async throws(PortError) -> [WorkerRecord]
}
