package import Farm

/// Takes a worker out of the farm, as the scaler does with an idle one: it begins no task any more,
/// and the scaler ends its instance once it has none.
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

    /// `nil` when there is no such worker, or it is gone.
    ///
    /// - Parameter handingBack: What it renders goes back to the queue at once; it finds its lease
    ///   lost when it next looks, and ends Blender.
    package func drain(
        _ id: WorkerID, handingBack: Bool
    ) async throws(PortError) -> Drained? {
        let now = time.now()
        let worker = try await workers.change(id) { worker in
            switch worker.state {
            case .booting, .idle, .rendering: worker.become(.retired, at: now)
            // Its end is under way.
            case .draining, .retired, .gone: break
            }
        }
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
