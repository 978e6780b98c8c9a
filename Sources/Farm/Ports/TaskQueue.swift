/// Carries hints that tasks wait: at least once, in no order, perhaps late.
package protocol TaskQueue: Sendable {
    func send(_ messages: [TaskMessage], after delay: Duration) async throws(PortError)
    /// Waits up to `wait` for up to `most` (1...10) messages, each then hidden for `hidden`.
    func receive(
        most: Int, wait: Duration, hidden: Duration
    ) async throws(PortError) -> [ReceivedMessage]
    /// Hides a received message for `duration` from now.
    func extend(_ receipt: Receipt, by duration: Duration) async throws(PortError)
    func delete(_ receipt: Receipt) async throws(PortError)
    /// Leaves a task that is failed for good where people look for such.
    func deadLetter(_ task: TaskID, _ failure: RenderFailure) async throws(PortError)
    func depth() async throws(PortError) -> QueueDepth
}

package struct Receipt: Hashable, Sendable {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
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

/// Approximate, as SQS counts.
package struct QueueDepth: Hashable, Sendable {
    package let visible: Int
    package let inFlight: Int

    package init(visible: Int, inFlight: Int) {
        self.visible = visible
        self.inFlight = inFlight
    }
}
