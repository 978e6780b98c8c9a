/// Where tasks are kept, and their attempts.
package protocol TaskStore: Sendable {
    /// Writes new tasks, and leaves existing ones as they are.
    func create(_ tasks: [RenderTask]) async throws(PortError)
    /// Reads what was last written, never an older state.
    func task(_ id: TaskID) async throws(PortError) -> RenderTask?
    /// Stores moves with their attempts and the job's tally, all or nothing; `false`, and nothing
    /// is written, when a task's stored revision is not its `from.revision`.
    ///
    /// - Parameter transitions: Of different tasks of one job, 1 to `TaskTransition.togetherMax`.
    func commit(_ transitions: [TaskTransition]) async throws(PortError) -> Bool
    /// A job's tasks in the order of their numbers, from after `number` on.
    func tasks(
        of job: JobID, after number: Int, limit: Int
    ) async throws(PortError) -> [RenderTask]
    /// The tasks a worker holds. May lag a moment behind writes.
    func tasks(heldBy worker: WorkerID) async throws(PortError) -> [RenderTask]
    /// A job's attempts so far, in no order.
    func attempts(of job: JobID) async throws(PortError) -> [Attempt]
}

extension TaskStore {
    package func commit(_ transition: TaskTransition) async throws(PortError) -> Bool {
        try await commit([transition])
    }
}
