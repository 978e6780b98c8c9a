package import Farm

/// Takes a worker out of the farm for a person: the worker begins no more tasks, and the scaler
/// ends its instance once the running task is over.
package struct DrainWorker: Sendable {
    private let tasks: any TaskStore
    private let workers: any WorkerStore
    private let operations: TaskOperations
    private let time: any TimeSource

    package init(
        tasks: any TaskStore, workers: any WorkerStore, operations: TaskOperations,
        time: any TimeSource
    ) {
        self.tasks = tasks
        self.workers = workers
        self.operations = operations
        self.time = time
    }

    package struct Drained: Hashable, Sendable {
        package let worker: WorkerRecord
        package let handedBack: [TaskID]
    }

    /// `nil` when there is no such worker, or the worker is gone.
    ///
    /// - Parameter handingBack: The running task goes back to the queue at once. The worker finds
    ///   its lease lost at its next look, and ends Blender.
    package func drain(
        _ id: WorkerID, handingBack: Bool
    ) async throws(PortError) -> Drained? {
        let now = time.now()
        let worker = try await workers.change(id) { $0.apply(.drain(.person), at: now) }
        guard let worker, worker.state != .gone else { return nil }
        var handedBack: [TaskID] = []
        if handingBack {
            for task in try await tasks.tasks(heldBy: id) {
                let event = RenderTask.Event.interrupt(
                    task.token, Interruption(.drain, by: .retirement))
                if case .moved = try await operations.apply(event, to: task.id) {
                    handedBack.append(task.id)
                }
            }
        }
        return Drained(worker: worker, handedBack: handedBack)
    }
}
