/// Where notices are kept: what the comparison of the ways to hear of an end is computed from.
package protocol NoticeStore: Sendable {
    /// A notice of the same worker, time, path and kind that is there already is left as it is.
    func record(_ notice: NoticeRecord) async throws(PortError)
    /// In the order of their times; with what was written before the call.
    func notices(of worker: WorkerID) async throws(PortError) -> [NoticeRecord]
}

/// One notice that came by one path, and what was done about it.
package struct NoticeRecord: Hashable, Sendable {
    package enum Announced: Hashable, Sendable {
        case end(Interruption.Cause)
        case rebalance
    }

    /// What became of one task that the worker held.
    package struct Response: Hashable, Sendable {
        package enum Action: String, Hashable, Sendable, CaseIterable {
            /// It waits in the queue again.
            case handedBack = "handed-back"
            /// Rendered whole before the deadline.
            case finished
            case failed
            /// Its worker has promised to finish it.
            case left
            /// Someone else was first.
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
    /// As far as the path tells: the event's own time, or when the worker heard of it.
    package let time: Timestamp
    package let deadline: Timestamp?
    package var responses: [Response]
    /// Frames that were stored between notice and end.
    package var framesFinished: Int
    /// Render time given up; `nil` where only the worker knows.
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

    /// Why the worker must take no task any more; `nil` when it may. A signal ends one life of a
    /// worker, every other notice its machine.
    package var interruption: Interruption? {
        guard path != .signal, case .end(let cause) = announced else { return nil }
        return Interruption(cause, by: path)
    }
}
