internal import Operations
package import Farm
internal import Logging

/// The passes over messages: those that were lost, and those that nobody could use.
extension RepairFarm {
    /// Sends the messages of tasks again that wait, and have waited for long, without one; and requeues those
    /// whose lease outlived even its worker's record.
    ///
    /// SQS can't be asked for a task's message. But when none is visible, and fewer are hidden than
    /// tasks are open, messages are missing. A backlog, however long, is left alone; a doubled
    /// message is dropped by its worker.
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
            var last = 0
            while ports.time.now() < deadline {
                let page = try await ports.tasks.tasks(
                    of: job.id, after: last, limit: limits.page)
                for task in page {
                    guard ports.time.now() < deadline else { break }
                    guard let event = overdue(task, of: job) else { continue }
                    if case .moved = try await operations.apply(event, to: task.id) {
                        reminded.append(task.id)
                    }
                }
                guard let end = page.last, page.count == limits.page else { break }
                last = end.id.number
            }
        }
        if !reminded.isEmpty {
            log.warning("sent lost messages again", metadata: ["tasks": "\(reminded.count)"])
        }
        return reminded
    }

    /// What sends a task's message, if it is time.
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

    /// Empties the dead-letter queue; gives how many letters were answered.
    ///
    /// A hint that SQS gave up on (no worker managed to delete it) belongs to a healthy task more
    /// often than not: the services failed, not the frames. If the task still waits, it gets a new
    /// message. A failed task has its reason in the store already, since that is written first:
    /// its letter is logged for whoever watches.
    package func answerDeadLetters(until deadline: Timestamp) async throws(PortError) -> Int {
        var count = 0
        while count < limits.deadLettersMax, ports.time.now() < deadline {
            let letters = try await ports.queue.receiveDeadLetters(
                countMax: 10, hidden: limits.deadLetterHidden)
            guard !letters.isEmpty else { break }
            for letter in letters {
                try await answer(letter)
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
            // Left there for a person to look at; SQS drops it in the end.
            log.error(
                "a dead letter is not ours: look at it, and who sent it",
                metadata: ["messageId": "\(message)"])
            return
        }
        try await ports.queue.deleteDeadLetter(letter.receipt)
    }
}
