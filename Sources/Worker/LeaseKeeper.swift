internal import Farm
internal import Logging

/// Renews one lease, and the hiding of its message with it, while the task is rendered.
struct LeaseKeeper: Sendable {
    let ledger: TaskLedger
    let queue: any TaskQueue
    let terms: LeaseTerms
    let time: any TimeSource
    let log: Logger

    /// Ends when the lease is lost (`true`) or the calling task is canceled (`false`).
    func keep(_ task: RenderTask, _ receipt: Receipt) async -> Bool {
        var until = time.now() + terms.duration
        while true {
            do {
                try await time.sleep(for: terms.renewalInterval)
            } catch {
                return false
            }
            do {
                let wanted = time.now() + terms.duration
                switch try await ledger.apply(.renew(task.token, until: wanted), to: task.id) {
                case .moved: until = wanted
                case .refused, .missing: return true
                }
                try await queue.extend(receipt, by: terms.duration)
            } catch {
                // One renewal missed is survived; the next one is tried in time.
                log.warning("could not renew a lease", metadata: ["error": "\(error)"])
                if time.now() >= until { return true }
            }
        }
    }
}
