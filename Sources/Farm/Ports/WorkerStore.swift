/// Where workers say that they are there.
package protocol WorkerStore: Sendable {
    /// Stores a worker that still is as it was read, by its revision, or new with revision 0.
    ///
    /// The answer is the worker with its new revision; `nil`, and nothing is written, when someone
    /// else wrote it meanwhile. That is what keeps an idle worker from being ended while it leases.
    func save(_ worker: WorkerRecord) async throws(PortError) -> WorkerRecord?
    /// Reads what was last written, never an older state.
    func worker(_ id: WorkerID) async throws(PortError) -> WorkerRecord?
    /// All that are not gone. May lag a moment behind writes.
    func openWorkers() async throws(PortError) -> [WorkerRecord]
}

extension WorkerStore {
    /// Changes a stored worker, starting over when someone else wrote it first; `nil` when there is
    /// none.
    @discardableResult
    package func change(
        _ id: WorkerID, _ edit: (inout WorkerRecord) -> Void
    ) async throws(PortError) -> WorkerRecord? {
        for _ in 0..<raceAttemptsMax {
            guard var worker = try await worker(id) else { return nil }
            edit(&worker)
            if let saved = try await save(worker) { return saved }
        }
        throw PortError(.unavailable, "change worker \(id)", "it kept changing; try again")
    }
}
