import Farm
import Synchronization

/// Holds every call of several callers at the in-memory ports until the test releases or kills one
/// caller. So a seed chooses the order of the calls.
package final class InterleavingScheduler: Sendable {
    private struct State {
        var callers: Set<Int> = []
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var dead: Set<Int> = []
        var driver: CheckedContinuation<Void, Never>?
    }

    /// Other tasks, as the test itself, are not held.
    @TaskLocal private static var caller: Int?
    private let state = Mutex(State())

    package init() {}

    /// Adds a caller that `whenAllWait` waits for, before the caller begins.
    package func enter(_ caller: Int) { state.withLock { _ = $0.callers.insert(caller) } }

    /// Runs a caller's work.
    package func act(as caller: Int, _ work: () async -> Void) async {
        await Self.$caller.withValue(caller) { await work() }
        state.withLock { _ = $0.callers.remove(caller) }
        wakeDriver()
    }

    /// The callers that wait before a call, once all that have not ended wait.
    package func whenAllWait() async -> [Int] {
        await withCheckedContinuation { continuation in
            state.withLock { $0.driver = continuation }
            wakeDriver()
        }
        return state.withLock { $0.waiting.keys.sorted() }
    }

    /// Lets a caller make its call, or fails this call and all later ones.
    package func release(_ caller: Int, live isAlive: Bool = true) {
        state.withLock { state in
            if !isAlive { state.dead.insert(caller) }
            return state.waiting.removeValue(forKey: caller)
        }?.resume(returning: isAlive)
    }

    /// Every call comes through here first.
    func pass() async throws(PortError) {
        guard let caller = Self.caller else { return }
        let isAlive = await withCheckedContinuation { continuation in
            let isDead = state.withLock { state in
                if state.dead.contains(caller) { return true }
                state.waiting[caller] = continuation
                return false
            }
            isDead ? continuation.resume(returning: false) : wakeDriver()
        }
        if !isAlive { throw PortError(.unavailable, "call", "caller \(caller) was killed") }
    }

    private func wakeDriver() {
        let driver = state.withLock { state in
            guard state.waiting.count == state.callers.count else {
                return nil as CheckedContinuation<Void, Never>?
            }
            defer { state.driver = nil }
            return state.driver
        }
        driver?.resume()
    }
}
