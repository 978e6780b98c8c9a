/// Which queue a waiting task is in, and which workers take it.
extension RenderTask {
    /// The task that counts the frame for all its shares.
    package var firstShare: TaskID { TaskID(job: id.job, number: id.number - share.index) }

    /// Whether a worker leaves the task to others for now, because it has failed the task itself.
    package func isForOthers(than worker: WorkerID, at now: Timestamp) -> Bool {
        guard failures.contains(where: { $0.worker == worker }), let changed else { return false }
        return now - changed < RetryPolicy.othersFirst
    }

    package var message: TaskMessage { TaskMessage(task: id, token: token, lane: lane) }

    /// A task that was interrupted too often goes to On-Demand workers.
    package var lane: QueueLane {
        guard interruptionCount <= RetryPolicy.interruptionsMax else { return .onDemand }
        switch priority {
        case .high: return .high
        case .normal: return .shared
        }
    }
}
