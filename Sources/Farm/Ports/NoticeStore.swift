/// Where notices are kept. The report compares the notice paths by them.
package protocol NoticeStore: Sendable {
    /// Leaves a stored notice of the same worker, time, path and kind as it is.
    func record(_ notice: NoticeRecord) async throws(PortError)
    /// In the order of their times, with everything that was written before the call.
    func notices(of worker: WorkerID) async throws(PortError) -> [NoticeRecord]
}

/// One notice that came by one path, with the responses to it.
package struct NoticeRecord: Hashable, Sendable {
    package enum Announced: Hashable, Sendable {
        case end(Interruption.Cause)
        case rebalance
    }

    /// What became of one task that the worker held.
    package struct Response: Hashable, Sendable {
        package enum Action: String, Hashable, Sendable, CaseIterable {
            /// The task is in the queue again.
            case handedBack = "handed-back"
            /// The worker finished the task before the deadline.
            case finished
            case failed
            /// The worker has promised to finish the task.
            case left
            /// Another program was faster.
            case stale
        }

        package let task: TaskID
        package let action: Action
        /// When the task was visible to other workers again.
        package let visible: Timestamp?

        package init(_ task: TaskID, _ action: Action, visible: Timestamp? = nil) {
            self.task = task
            self.action = action
            self.visible = visible
        }
    }

    package let worker: WorkerID
    package let announced: Announced
    package let path: Interruption.Path
    /// The time of the event, or when the worker received the notice.
    package let time: Timestamp
    package let deadline: Timestamp?
    package var responses: [Response]
    /// Frames that were stored between notice and end.
    package var framesFinished: Int
    /// Render time given up; `nil` when only the worker knows it.
    package var lost: Duration?

    package init(
        worker: WorkerID, _ announced: Announced, by path: Interruption.Path, at time: Timestamp,
        deadline: Timestamp?, responses: [Response] = [], framesFinished: Int = 0,
        lost: Duration? = nil
    ) {
        self.worker = worker
        self.announced = announced
        self.path = path
        self.time = time
        self.deadline = deadline
        self.responses = responses
        self.framesFinished = framesFinished
        self.lost = lost
    }

    /// Why the worker must take no more tasks; `nil` when it may. A signal ends only the worker's
    /// program. Every other notice ends its machine.
    package var interruption: Interruption? {
        guard path != .signal, case .end(let cause) = announced else { return nil }
        return Interruption(cause, by: path)
    }
}
