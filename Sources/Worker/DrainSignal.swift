package import Farm
internal import Synchronization

/// Signals that this worker must stop. The first notice raises it; the worker's tasks wait for it
/// or poll it.
///
/// A drain with a deadline may lose its deadline. A drain without one never gets one.
package final class DrainSignal: Sendable {
    package struct Drain: Hashable, Sendable {
        package let interruption: Interruption
        package let heard: Timestamp
        /// When the machine goes away; `nil` hands tasks back at once.
        package fileprivate(set) var deadline: Timestamp?
    }

    private struct State {
        var drain: Drain?
        var coolingUntil: Timestamp?
        var waiting: [Int: CheckedContinuation<Interruption?, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// The first reason stays. Of several deadlines the earliest counts.
    ///
    /// - Parameter deadline: When the machine goes away; `nil` hands tasks back at once.
    package func raise(
        _ interruption: Interruption, at now: Timestamp, deadline: Timestamp? = nil
    ) {
        let waiting = state.withLock { state in
            guard let drain = state.drain else {
                state.drain = Drain(interruption: interruption, heard: now, deadline: deadline)
                defer { state.waiting = [:] }
                return Array(state.waiting.values)
            }
            state.drain?.deadline = deadline.flatMap { new in drain.deadline.map { min($0, new) } }
            return []
        }
        for continuation in waiting { continuation.resume(returning: interruption) }
    }

    package var drain: Drain? { state.withLock(\.drain) }

    package var interruption: Interruption? { drain?.interruption }

    package var deadline: Timestamp? { drain?.deadline }

    /// EC2 recommends to leave this instance, so no long task begins here until `end`.
    package func cool(until end: Timestamp) {
        state.withLock { $0.coolingUntil = end }
    }

    package func isCooling(at now: Timestamp) -> Bool {
        state.withLock { state in state.coolingUntil.map { now < $0 } ?? false }
    }

    /// Waits for the drain and returns its reason; `nil` when the calling task was canceled first.
    package func wait() async -> Interruption? {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Interruption?? = state.withLock { state in
                    if let drain = state.drain { return .some(drain.interruption) }
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
