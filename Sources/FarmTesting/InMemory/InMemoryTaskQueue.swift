package import Farm

/// A queue like SQS: a received message is hidden for a while and comes back unless it is deleted.
package actor InMemoryTaskQueue: TaskQueue {
    private struct Entry {
        let number: Int
        let message: TaskMessage
        var visible: Timestamp
        var receipt: Receipt?
    }

    private var entries: [Entry] = []
    private var nextNumber = 0
    private let arrivals = ArrivalSignal()
    private let time: any TimeSource
    private let faults: Faults

    private struct Letter {
        let content: DeadLetter.Content
        var visible: Timestamp
        var receipt: Receipt?
    }

    private var letters: [Letter] = []

    /// The dead letters, in order.
    package private(set) var deadLetters: [TaskID] = []
    package private(set) var failures: [RenderFailure] = []

    package init(time: any TimeSource, faults: Faults = Faults()) {
        self.time = time
        self.faults = faults
    }

    /// All messages, hidden or not.
    package var messages: [TaskMessage] { entries.map(\.message) }

    package func send(_ messages: [TaskMessage], after delay: Duration) async throws(PortError) {
        try await faults.enter(.sendMessages)
        for message in messages {
            nextNumber += 1
            entries.append(
                Entry(number: nextNumber, message: message, visible: time.now() + delay))
        }
        arrivals.arrive()
    }

    package func receive(
        from lanes: [QueueLane], countMax: Int, wait: Duration, hidden: Duration
    ) async throws(PortError) -> [ReceivedMessage] {
        try await faults.enter(.receiveMessages)
        precondition((1...10).contains(countMax), "SQS gives 1 to 10 messages at a time.")
        let deadline = time.now() + wait
        while true {
            let seen = arrivals.count
            let received =
                lanes.lazy.map { self.take(countMax, from: $0, hidden: hidden) }
                .first { !$0.isEmpty } ?? []
            let now = time.now()
            guard received.isEmpty, now < deadline else { return received }
            let due = entries.filter { lanes.contains($0.message.lane) }
            let next = due.map(\.visible).min().map { min($0, deadline) } ?? deadline
            guard await change(since: seen, within: next - now) else { return [] }
        }
    }

    package func extend(_ receipt: Receipt, by duration: Duration) async throws(PortError) {
        try await faults.enter(.extendMessage)
        guard let index = entries.firstIndex(where: { $0.receipt == receipt }) else {
            throw PortError(.missing, "extend message \(receipt.rawValue)", "it is gone")
        }
        entries[index].visible = time.now() + duration
        arrivals.arrive()
    }

    /// Deleting a deleted message succeeds, as with SQS.
    package func delete(_ receipt: Receipt) async throws(PortError) {
        try await faults.enter(.deleteMessage)
        entries.removeAll { $0.receipt == receipt }
    }

    package func deadLetter(_ task: TaskID, _ failure: RenderFailure) async throws(PortError) {
        try await faults.enter(.deadLetter)
        deadLetters.append(task)
        failures.append(failure)
        bury(.failure(task, failure))
    }

    /// Adds a dead letter, as SQS does with a message that it gives up, or a foreign one.
    package func bury(_ content: DeadLetter.Content) {
        letters.append(Letter(content: content, visible: time.now()))
    }

    package func receiveDeadLetters(
        countMax: Int, hidden: Duration
    ) async throws(PortError) -> [DeadLetter] {
        try await faults.enter(.receiveDeadLetters)
        let now = time.now()
        let visible = letters.indices.filter { letters[$0].visible <= now }.prefix(countMax)
        return visible.map { index in
            nextNumber += 1
            let receipt = Receipt("letter-\(nextNumber)")
            letters[index].visible = now + hidden
            letters[index].receipt = receipt
            return DeadLetter(letters[index].content, receipt: receipt)
        }
    }

    package func deleteDeadLetter(_ receipt: Receipt) async throws(PortError) {
        try await faults.enter(.deleteDeadLetter)
        letters.removeAll { $0.receipt == receipt }
    }

    /// Loses every message.
    package func loseMessages() {
        entries = []
    }

    package func depth(of lane: QueueLane) async throws(PortError) -> QueueDepth {
        try await faults.enter(.readDepth)
        let entries = entries.filter { $0.message.lane == lane }
        let visible = entries.count { $0.visible <= time.now() }
        return QueueDepth(visible: visible, inFlight: entries.count - visible)
    }

    private func take(
        _ countMax: Int, from lane: QueueLane, hidden: Duration
    ) -> [ReceivedMessage] {
        let now = time.now()
        let visible = entries.indices.filter {
            entries[$0].visible <= now && entries[$0].message.lane == lane
        }.prefix(countMax)
        return visible.map { index in
            nextNumber += 1
            let receipt = Receipt("receipt-\(nextNumber)", in: lane)
            entries[index].visible = now + hidden
            entries[index].receipt = receipt
            return ReceivedMessage(message: entries[index].message, receipt: receipt)
        }
    }

    /// Waits for a send or for the time; `false` when the calling task was canceled.
    private func change(since seen: Int, within limit: Duration) async -> Bool {
        let (time, arrivals) = (time, arrivals)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await time.sleep(for: limit)
                } catch {
                    return  // Canceled: a send came first, or the receiver went away.
                }
            }
            group.addTask { await arrivals.wait(past: seen) }
            await group.next()
            group.cancelAll()
        }
        return !Task.isCancelled
    }
}

extension TaskQueue {
    /// As a Spot worker receives.
    package func receive(
        countMax: Int, wait: Duration, hidden: Duration
    ) async throws(PortError) -> [ReceivedMessage] {
        try await receive(from: [.shared], countMax: countMax, wait: wait, hidden: hidden)
    }

    package func depth() async throws(PortError) -> QueueDepth {
        try await depth(of: .shared)
    }
}
