internal import Operations
internal import Farm
internal import Logging

/// Renews a task's lease, and keeps its message hidden, while the worker renders the task. Between
/// renewals it checks that the lease still holds: a job may be canceled at any time.
struct LeaseKeeper: Sendable {
    let operations: TaskOperations
    let tasks: any TaskStore
    let queue: any TaskQueue
    let terms: LeaseTerms
    /// Time between two checks.
    let interval: Duration
    let time: any TimeSource
    let log: Logger

    /// Ends when the lease is lost (`true`) or the calling task is canceled (`false`).
    func keep(_ leased: LeasedTask) async -> Bool {
        let task = leased.task
        var until = time.now() + terms.duration
        var renewal = time.now() + terms.renewalInterval
        while true {
            do {
                try await time.sleep(for: min(interval, renewal - time.now()))
            } catch {
                return false
            }
            let isDue = time.now() >= renewal
            if isDue { renewal = time.now() + terms.renewalInterval }
            do {
                if isDue {
                    let wanted = time.now() + terms.duration
                    switch try await operations.apply(
                        .renew(task.token, until: wanted), to: task.id)
                    {
                    case .moved: until = wanted
                    case .refused, .missing: return true
                    }
                    try await queue.extend(leased.receipt, by: terms.duration)
                } else if try await !isHeld(task) {
                    return true
                }
            } catch {
                // A lease survives one missed renewal; the next attempt still comes in time.
                log.warning("could not renew a lease", metadata: ["error": "\(error)"])
                if time.now() >= until { return true }
            }
        }
    }

    private func isHeld(_ task: RenderTask) async throws(PortError) -> Bool {
        guard let stored = try await tasks.task(task.id), stored.token == task.token,
            case .leased = stored.state
        else { return false }
        return true
    }
}
