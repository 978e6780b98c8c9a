package import Farm
internal import Synchronization

/// Raised once, by whoever hears first that this worker must stop; everyone else waits or asks.
package final class DrainSignal: Sendable {
    private struct State {
        var interruption: Interruption?
        var waiting: [Int: CheckedContinuation<Interruption?, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The first reason stays.
    package func raise(_ interruption: Interruption) {
        let waiting = state.withLock { state in
            guard state.interruption == nil else {
                return [CheckedContinuation<Interruption?, Never>]()
            }
            state.interruption = interruption
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: interruption) }
    }

    package var interruption: Interruption? { state.withLock(\.interruption) }

    /// The reason, once there is one; `nil` when the calling task was canceled first.
    package func wait() async -> Interruption? {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Interruption?? = state.withLock { state in
                    if let raised = state.interruption { return .some(raised) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiting[waiter] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
            continuation?.resume(returning: nil)
        }
    }
}
