/// Where a waiting task is found, and by whom.
extension RenderTask {
    /// The task of the same frame that counts it.
    package var firstShare: TaskID { TaskID(job: id.job, number: id.number - share.index) }

    /// Whether a worker leaves it to others for now: it has failed it itself.
    package func isForOthers(than worker: WorkerID, at now: Timestamp) -> Bool {
        guard failures.contains(where: { $0.worker == worker }), let changed else { return false }
        return now - changed < RetryPolicy.othersFirst
    }

    package var message: TaskMessage { TaskMessage(task: id, token: token, lane: lane) }

    /// Interrupted too often, a task goes where nothing is taken back.
    package var lane: QueueLane {
        guard interruptionCount <= RetryPolicy.interruptionsMax else { return .onDemand }
        switch priority {
        case .high: return .high
        case .normal: return .shared
        }
    }
}
