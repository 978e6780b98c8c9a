package import AWS
package import Farm
internal import FoundationEssentials
package import Logging

/// Task messages in SQS: `{"job":"scene-1a2b3c4d","task":12,"token":3}`.
package struct SQSTaskQueue: TaskQueue {
    private let sqs: SQS
    private let url: String
    private let highURL: String
    private let onDemandURL: String
    private let deadLetterURL: String
    private let logger: Logger

    package init(
        _ sqs: SQS, url: String, highURL: String, onDemandURL: String, deadLetterURL: String,
        logger: Logger
    ) {
        self.sqs = sqs
        self.url = url
        self.highURL = highURL
        self.onDemandURL = onDemandURL
        self.deadLetterURL = deadLetterURL
        self.logger = logger
    }

    package func send(_ messages: [TaskMessage], after delay: Duration) async throws(PortError) {
        // SQS delays a message by at most 15 minutes.
        let seconds = min(delay.wholeSeconds, 900)
        for lane in QueueLane.allCases {
            let entries = messages.filter { $0.lane == lane }.map {
                SQS.Entry(body: MessageBody.encode($0), delaySeconds: seconds)
            }
            for start in stride(from: 0, to: entries.count, by: SQS.batchMax) {
                let end = min(start + SQS.batchMax, entries.count)
                try await sendTogether(Array(entries[start..<end]), to: address(lane))
            }
        }
    }

    private func address(_ lane: QueueLane) -> String {
        switch lane {
        case .high: highURL
        case .shared: url
        case .onDemand: onDemandURL
        }
    }

    /// Sends up to ten messages, and sends those again that SQS did not accept.
    private func sendTogether(
        _ entries: [SQS.Entry], to queue: String
    ) async throws(PortError) {
        let operation = "send \(entries.count) messages"
        var left = entries
        for round in 1...AdapterLimits.sendRoundsMax {
            let failures: [SQS.Failure]
            do throws(AWSError) {
                failures = try await sqs.sendMessageBatch(queue: queue, left)
            } catch {
                throw PortError(error, operation)
            }
            guard let worst = failures.first(where: \.isSenderFault) ?? failures.first else {
                return
            }
            guard !worst.isSenderFault, round < AdapterLimits.sendRoundsMax else {
                throw PortError(
                    worst.isSenderFault ? .malformed : .unavailable, operation,
                    "SQS refused \(failures.count) of them: \(worst.code) \(worst.message)")
            }
            left = failures.map { left[$0.index] }
        }
    }

    package func receive(
        from lanes: [QueueLane], countMax: Int, wait: Duration, hidden: Duration
    ) async throws(PortError) -> [ReceivedMessage] {
        for lane in lanes.dropLast() {
            let received = try await receive(from: lane, countMax, wait: .zero, hidden)
            if !received.isEmpty { return received }
        }
        guard let last = lanes.last else { return [] }
        return try await receive(from: last, countMax, wait: wait, hidden)
    }

    private func receive(
        from lane: QueueLane, _ countMax: Int, wait: Duration, _ hidden: Duration
    ) async throws(PortError) -> [ReceivedMessage] {
        let messages: [SQS.Message]
        do throws(AWSError) {
            messages = try await sqs.receiveMessages(
                queue: address(lane), countMax: countMax, waitSeconds: min(wait.wholeSeconds, 20),
                visibilitySeconds: hidden.visibilitySeconds)
        } catch {
            throw PortError(error, "receive messages")
        }
        return messages.compactMap { received in
            guard let message = MessageBody.decode(received.body, in: lane) else {
                // It stays in the queue, so that the redrive policy moves it to the dead-letter
                // queue.
                logger.error(
                    "left a message that is not from a farm for the dead-letter queue",
                    metadata: ["messageId": "\(received.id)"])
                return nil
            }
            return ReceivedMessage(message: message, receipt: Receipt(received.receipt, in: lane))
        }
    }

    package func extend(_ receipt: Receipt, by duration: Duration) async throws(PortError) {
        do throws(AWSError) {
            try await sqs.changeMessageVisibility(
                queue: address(receipt.lane), receipt: receipt.rawValue,
                seconds: duration.visibilitySeconds)
        } catch {
            let isGone =
                error.code.hasSuffix("MessageNotInflight")
                || error.code.hasSuffix("ReceiptHandleIsInvalid")
            let operation = "extend a message's visibility timeout"
            throw isGone
                ? PortError(.missing, operation, error.description) : PortError(error, operation)
        }
    }

    package func delete(_ receipt: Receipt) async throws(PortError) {
        try await delete(receipt, from: address(receipt.lane))
    }

    private func delete(_ receipt: Receipt, from queue: String) async throws(PortError) {
        do throws(AWSError) {
            try await sqs.deleteMessage(queue: queue, receipt: receipt.rawValue)
        } catch {
            // The message is already deleted, or a worker receives it again and drops it as a
            // duplicate.
            if error.code.hasSuffix("ReceiptHandleIsInvalid") { return }
            throw PortError(error, "delete a message")
        }
    }

    package func deadLetter(_ task: TaskID, _ failure: RenderFailure) async throws(PortError) {
        do throws(AWSError) {
            try await sqs.sendMessage(
                queue: deadLetterURL, body: MessageBody.deadLetter(task, failure))
        } catch {
            throw PortError(error, "dead-letter task \(task)")
        }
    }

    package func receiveDeadLetters(
        countMax: Int, hidden: Duration
    ) async throws(PortError) -> [DeadLetter] {
        do throws(AWSError) {
            return try await sqs.receiveMessages(
                queue: deadLetterURL, countMax: countMax, waitSeconds: 0,
                visibilitySeconds: hidden.visibilitySeconds
            ).map {
                DeadLetter(
                    MessageBody.decodeDeadLetter($0.body) ?? .foreign($0.id),
                    receipt: Receipt($0.receipt))
            }
        } catch {
            throw PortError(error, "receive dead letters")
        }
    }

    package func deleteDeadLetter(_ receipt: Receipt) async throws(PortError) {
        try await delete(receipt, from: deadLetterURL)
    }

    /// Delayed messages count as in flight, because they are not visible.
    package func depth(of lane: QueueLane) async throws(PortError) -> QueueDepth {
        do throws(AWSError) {
            let depth = try await sqs.depth(queue: address(lane))
            return QueueDepth(visible: depth.waiting, inFlight: depth.inFlight + depth.delayed)
        } catch {
            throw PortError(error, "read the queue's depth")
        }
    }
}

extension Duration {
    /// SQS takes whole seconds. A part of a second counts as one.
    fileprivate var wholeSeconds: Int {
        max(0, Int((milliseconds + 999) / 1000))
    }

    /// SQS hides a message for at most twelve hours.
    fileprivate var visibilitySeconds: Int { min(wholeSeconds, 43_200) }
}
