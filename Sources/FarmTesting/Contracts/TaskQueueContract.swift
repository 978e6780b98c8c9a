package import Farm

/// Where the contract of `TaskQueue` is checked: an empty queue of its own for each rule.
package struct QueueStage: Sendable {
    package let queue: any TaskQueue
    package let time: any TimeSource
    /// The tasks in the dead-letter queue.
    package let deadLetters: @Sendable () async throws -> [TaskID]

    package init(
        queue: any TaskQueue, time: any TimeSource,
        deadLetters: @escaping @Sendable () async throws -> [TaskID]
    ) {
        self.queue = queue
        self.time = time
        self.deadLetters = deadLetters
    }

    private func message(_ number: Int) -> TaskMessage {
        TaskMessage(
            task: TaskID(job: JobID("queued-1a2b3c4d"), number: number),
            token: FencingToken(number % 3))
    }

    private func one(wait: Duration, hidden: Duration) async throws -> ReceivedMessage {
        let received = try await queue.receive(countMax: 1, wait: wait, hidden: hidden)
        return try require(received.first, "No message came within \(wait).")
    }

    private func requireNothing(within wait: Duration) async throws {
        let received = try await queue.receive(countMax: 10, wait: wait, hidden: .seconds(30))
        try require(received.map(\.message), equals: [], "the messages")
    }

    /// Judges by the clock, since an immediate answer may take seconds on a busy machine. Queues
    /// count whole seconds.
    private func requirePassed(_ least: Duration, since start: Timestamp) throws {
        let passed = time.now() - start
        try require(
            passed >= least - .seconds(1), "The message came after \(passed), not \(least).")
    }

    package static let rules: [ContractRule<QueueStage>] = [
        ContractRule("An empty queue gives nothing, after the wait.") { stage in
            try await stage.requireNothing(within: .seconds(1))
        },
        ContractRule("Every message that is sent is received.") { stage in
            let sent = (1...25).map(stage.message)
            try await stage.queue.send(sent, after: .zero)
            var received: [TaskMessage] = []
            for _ in 0..<30 where received.count < sent.count {
                let some = try await stage.queue.receive(
                    countMax: 10, wait: .seconds(1), hidden: .seconds(60))
                try require(some.count <= 10, "\(some.count) messages came at once.")
                for message in some { try await stage.queue.delete(message.receipt) }
                received += some.map(\.message)
            }
            let numbers = received.map(\.task.number).sorted()
            try require(numbers, equals: Array(1...25), "the messages")
            try require(Set(received), equals: Set(sent), "the messages")
        },
        ContractRule("Sending nothing does nothing.") { stage in
            try await stage.queue.send([], after: .zero)
            try await stage.requireNothing(within: .zero)
        },
        ContractRule("A message sent twice is received twice.") { stage in
            try await stage.queue.send([stage.message(1), stage.message(1)], after: .zero)
            for _ in 1...2 {
                let received = try await stage.one(wait: .seconds(2), hidden: .seconds(60))
                try require(received.message, equals: stage.message(1), "the message")
                try await stage.queue.delete(received.receipt)
            }
        },
        ContractRule("A received message is hidden, and comes back.") { stage in
            try await stage.queue.send([stage.message(1)], after: .zero)
            let start = stage.time.now()
            _ = try await stage.one(wait: .seconds(2), hidden: .seconds(2))
            let again = try await stage.one(wait: .seconds(10), hidden: .seconds(30))
            try require(again.message, equals: stage.message(1), "the message")
            try stage.requirePassed(.seconds(2), since: start)
        },
        ContractRule("A deleted message stays away; deleting it again is harmless.") { stage in
            try await stage.queue.send([stage.message(1)], after: .zero)
            let received = try await stage.one(wait: .seconds(2), hidden: .seconds(1))
            try await stage.queue.delete(received.receipt)
            try await stage.requireNothing(within: .seconds(2))
            try await stage.queue.delete(received.receipt)
        },
        ContractRule("An extended message stays hidden, and by zero is visible.") { stage in
            try await stage.queue.send([stage.message(1)], after: .zero)
            let received = try await stage.one(wait: .seconds(2), hidden: .seconds(3))
            try await stage.queue.extend(received.receipt, by: .seconds(60))
            try await stage.requireNothing(within: .seconds(4))
            try await stage.queue.extend(received.receipt, by: .zero)
            _ = try await stage.one(wait: .seconds(2), hidden: .seconds(30))
        },
        ContractRule("A delayed message comes after its delay.") { stage in
            let start = stage.time.now()
            try await stage.queue.send([stage.message(1)], after: .seconds(2))
            _ = try await stage.one(wait: .seconds(10), hidden: .seconds(30))
            try stage.requirePassed(.seconds(2), since: start)
        },
        ContractRule("A lane of its own is for those who ask for it, and comes first.") { stage in
            let reserved = TaskMessage(
                task: stage.message(2).task, token: FencingToken(11), lane: .onDemand)
            try await stage.queue.send([stage.message(1), reserved], after: .zero)
            try await eventually("the reserved lane's depth", by: stage.time) {
                try await stage.queue.depth(of: .onDemand)
            } until: {
                $0 == QueueDepth(visible: 1, inFlight: 0)
            }
            let shared = try await stage.one(wait: .seconds(2), hidden: .seconds(60))
            try require(shared.message, equals: stage.message(1), "what a Spot worker finds")
            try await stage.requireNothing(within: .seconds(1))
            try await stage.queue.extend(shared.receipt, by: .zero)
            for expected in [reserved, stage.message(1)] {
                let received = try await stage.queue.receive(
                    from: [.onDemand, .shared], countMax: 1, wait: .seconds(2), hidden: .seconds(60)
                )
                try require(received.map(\.message), equals: [expected], "the messages")
                try await stage.queue.extend(received[0].receipt, by: .seconds(60))
                try await stage.queue.delete(received[0].receipt)
            }
            try await stage.requireNothing(within: .zero)
        },
        ContractRule("What is urgent comes first, however late it was sent.") { stage in
            let urgent = TaskMessage(
                task: stage.message(2).task, token: FencingToken(3), lane: .high)
            try await stage.queue.send([stage.message(1)], after: .zero)
            try await stage.queue.send([urgent], after: .zero)
            for lane in [QueueLane.high, .shared] {
                try await eventually("the depth of \(lane)", by: stage.time) {
                    try await stage.queue.depth(of: lane)
                } until: {
                    $0 == QueueDepth(visible: 1, inFlight: 0)
                }
            }
            for expected in [urgent, stage.message(1)] {
                let received = try await stage.queue.receive(
                    from: [.high, .shared], countMax: 1, wait: .seconds(2),
                    hidden: .seconds(60))
                try require(received.map(\.message), equals: [expected], "the messages")
                try await stage.queue.delete(received[0].receipt)
            }
        },
        ContractRule("The depth tells what waits and what is in flight.") { stage in
            try await stage.queue.send((1...3).map(stage.message), after: .zero)
            _ = try await stage.one(wait: .seconds(2), hidden: .seconds(60))
            try await eventually("the depth", by: stage.time) {
                try await stage.queue.depth()
            } until: {
                $0 == QueueDepth(visible: 2, inFlight: 1)
            }
        },
        ContractRule("A dead letter is received, hidden, and gone when it is deleted.") { stage in
            let task = stage.message(7).task
            let failure = RenderFailure(.noPicture, "Blender said \"no\":\nü")
            try await stage.queue.deadLetter(task, failure)
            let letters = try await eventually("the dead letters", by: stage.time) {
                try await stage.queue.receiveDeadLetters(countMax: 10, hidden: .seconds(1))
            } until: {
                !$0.isEmpty
            }
            try require(letters.map(\.content), equals: [.failure(task, failure)], "the letter")
            let again = try await eventually("the same again", by: stage.time) {
                try await stage.queue.receiveDeadLetters(countMax: 10, hidden: .seconds(60))
            } until: {
                !$0.isEmpty
            }
            try await stage.queue.deleteDeadLetter(again[0].receipt)
            try require(
                try await stage.queue.receiveDeadLetters(countMax: 10, hidden: .zero), equals: [],
                "what is left")
        },
        ContractRule("A dead letter names its task.") { stage in
            let task = stage.message(7).task
            let failure = RenderFailure(.noPicture, "Blender said \"no\":\nü")
            try await stage.queue.deadLetter(task, failure)
            try await eventually("the dead letters", by: stage.time) {
                try await stage.deadLetters()
            } until: {
                $0 == [task]
            }
            try await stage.requireNothing(within: .zero)
        },
    ]
}
