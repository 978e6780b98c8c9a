/// Carries hints that tasks wait: at least once, in no order, perhaps late.
package protocol TaskQueue: Sendable {
    /// Each message goes into its task's lane.
    func send(_ messages: [TaskMessage], after delay: Duration) async throws(PortError)
    /// Up to `countMax` (1...10) messages of the first lane that has any. Each is then hidden for
    /// `hidden`. Waits up to `wait` at the last lane.
    func receive(
        from lanes: [QueueLane], countMax: Int, wait: Duration, hidden: Duration
    ) async throws(PortError) -> [ReceivedMessage]
    /// Hides a received message for `duration` from now.
    func extend(_ receipt: Receipt, by duration: Duration) async throws(PortError)
    func delete(_ receipt: Receipt) async throws(PortError)
    /// Puts a task that failed for good into the dead-letter queue.
    func deadLetter(_ task: TaskID, _ failure: RenderFailure) async throws(PortError)
    /// Up to `countMax` (1...10) dead letters, without a wait. Each is then hidden for `hidden`.
    func receiveDeadLetters(
        countMax: Int, hidden: Duration
    ) async throws(PortError) -> [DeadLetter]
    func deleteDeadLetter(_ receipt: Receipt) async throws(PortError)
    func depth(of lane: QueueLane) async throws(PortError) -> QueueDepth
}

extension TaskQueue {
    /// Sends many messages a page at a time, and stops at the deadline, but not before the first
    /// page. The repair sends the others again when no message is left.
    package func send(
        _ messages: [TaskMessage], until deadline: Timestamp?, by time: any TimeSource
    ) async throws(PortError) {
        // A page takes some seconds.
        let page = 1_000
        for start in stride(from: 0, to: messages.count, by: page) {
            if let deadline, start > 0, time.now() >= deadline { return }
            try await send(
                Array(messages[start..<min(start + page, messages.count)]), after: .zero)
        }
    }
}

/// A queue for the workers that may take a task.
package enum QueueLane: Hashable, Sendable, CaseIterable {
    /// For every worker, before `shared`: tasks of jobs with high priority.
    case high
    /// For every worker.
    case shared
    /// Tasks that were interrupted too often. Spot workers leave them to On-Demand workers, if the
    /// farm may have any.
    case onDemand

    /// The lanes that a worker reads, in this order.
    ///
    /// - Parameter hasOnDemand: Whether the farm may have On-Demand instances.
    package static func lanes(
        for lifecycle: WorkerRecord.Lifecycle, hasOnDemand: Bool
    ) -> [QueueLane] {
        switch lifecycle {
        case .spot where hasOnDemand: [.high, .shared]
        case .spot, .onDemand: [.onDemand, .high, .shared]
        }
    }
}

package struct Receipt: Hashable, Sendable {
    package let rawValue: String
    package let lane: QueueLane

    package init(_ rawValue: String, in lane: QueueLane = .shared) {
        self.rawValue = rawValue
        self.lane = lane
    }
}

package struct ReceivedMessage: Hashable, Sendable {
    package let message: TaskMessage
    package let receipt: Receipt

    package init(message: TaskMessage, receipt: Receipt) {
        self.message = message
        self.receipt = receipt
    }
}

/// A message in the dead-letter queue.
package struct DeadLetter: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        /// The queue gave the hint up: it was received too often and never deleted.
        case hint(TaskMessage)
        /// By `deadLetter(_:_:)`.
        case failure(TaskID, RenderFailure)
        /// A foreign message, with its id in the queue.
        case foreign(String)
    }

    package let content: Content
    package let receipt: Receipt

    package init(_ content: Content, receipt: Receipt) {
        self.content = content
        self.receipt = receipt
    }
}

/// Approximate, as SQS counts.
package struct QueueDepth: Hashable, Sendable {
    package let visible: Int
    package let inFlight: Int

    package init(visible: Int, inFlight: Int) {
        self.visible = visible
        self.inFlight = inFlight
    }

    package var total: Int { visible + inFlight }
}
