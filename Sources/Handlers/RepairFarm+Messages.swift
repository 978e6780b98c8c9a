internal import Operations
package import Farm
internal import Logging

/// The passes over lost messages and dead letters.
extension RepairFarm {
    /// Sends the messages of tasks again that have waited too long without one. Also requeues tasks
    /// whose lease has expired and whose worker has no record any more.
    ///
    /// SQS can't be asked for the message of a task. But when no message is visible, and fewer are
    /// hidden than tasks are open, messages are missing. A backlog of any length is left alone. The
    /// worker drops a doubled message.
    package func remindTasks(
        of jobs: [Job], until deadline: Timestamp
    ) async throws(PortError) -> [TaskID] {
        let started = jobs.filter { $0.state.isWork && $0.state != .splitting }
        let openCount = started.reduce(0) { $0 + $1.currentTaskCount }
        guard openCount > 0 else { return [] }
        var hiddenCount = 0
        for lane in QueueLane.allCases {
            let depth = try await ports.queue.depth(of: lane)
            guard depth.visible == 0 else { return [] }
            hiddenCount += depth.inFlight
        }
        guard hiddenCount < openCount else { return [] }
        var reminded: [TaskID] = []
        for job in started where ports.time.now() - job.created >= reminderAge {
            try await ports.tasks.forEachPage(
                of: job.id, pageSize: limits.page, while: { ports.time.now() < deadline }
            ) { (page) async throws(PortError) in
                for task in page {
                    guard ports.time.now() < deadline else { break }
                    guard let event = overdue(task, of: job) else { continue }
                    let outcome = try await skippingUnreadable(log) {
                        () async throws(PortError) in
                        try await operations.apply(event, to: task.id)
                    }
                    if case .moved = outcome { reminded.append(task.id) }
                }
            }
        }
        if !reminded.isEmpty {
            log.warning("sent lost messages again", metadata: ["tasks": "\(reminded.count)"])
        }
        return reminded
    }

    /// The event that sends the task's message; `nil` when it is too early.
    private func overdue(_ task: RenderTask, of job: Job) -> RenderTask.Event? {
        let now = ports.time.now()
        switch task.state {
        case .queued:
            let age = now - (task.changed ?? job.created)
            return job.allows(task) && age >= reminderAge ? .remind : nil
        case .leased(let lease): return lease.isExpired(at: now) ? .expire : nil
        case .succeeded, .failed, .canceled: return nil
        }
    }

    /// Empties the dead-letter queue; how many letters were answered.
    ///
    /// SQS gives up a hint that no worker managed to delete. It mostly belongs to a healthy task,
    /// because services failed and not the frames. If the task still waits, it gets a new message.
    /// The reason of a failed task is already in the store, so its letter is only logged.
    package func answerDeadLetters(until deadline: Timestamp) async throws(PortError) -> Int {
        var count = 0
        while count < limits.deadLettersMax, ports.time.now() < deadline {
            let letters = try await ports.queue.receiveDeadLetters(
                countMax: 10, hidden: limits.deadLetterHidden)
            guard !letters.isEmpty else { break }
            for letter in letters {
                _ = try await skippingUnreadable(log) { () async throws(PortError) in
                    try await answer(letter)
                }
                count += 1
            }
        }
        return count
    }

    private func answer(_ letter: DeadLetter) async throws(PortError) {
        switch letter.content {
        case .hint(let message):
            let id = message.task
            if let job = try await ports.jobs.job(id.job),
                let task = try await ports.tasks.task(id), job.allows(task),
                case .moved = try await operations.apply(.remind, to: id)
            {
                log.warning(
                    "requeued a task whose message was given up",
                    metadata: ["job": "\(id.job)", "task": "\(id.number)"])
            }
        case .failure(let id, let failure):
            log.error(
                "a task failed for good",
                metadata: [
                    "job": "\(id.job)", "task": "\(id.number)",
                    "kind": "\(failure.kind.rawValue)",
                    "budget": "\(RetryPolicy().words(for: failure.kind.errorClass))",
                    "reason": "\(failure.message)",
                ])
        case .foreign(let message):
            // It stays for a person to look at, until SQS drops it.
            log.error(
                "the dead-letter queue has a foreign message: find out who sent it",
                metadata: ["messageId": "\(message)"])
            return
        }
        try await ports.queue.deleteDeadLetter(letter.receipt)
    }
}
