import Dispatch
import Synchronization

extension ScriptedServer {
    /// Closed until it is opened, and open for ever after.
    ///
    /// The server's threads block on it. Tests await it, because they share few threads.
    package final class Gate: Sendable {
        private enum State {
            case closed([CheckedContinuation<Void, Never>])
            case open
        }

        private let state = Mutex(State.closed([]))
        private let semaphore = DispatchSemaphore(value: 0)

        package init() {}

        package func open() {
            let awaiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
                guard case .closed(let awaiting) = state else { return [] }
                state = .open
                return awaiting
            }
            for continuation in awaiting { continuation.resume() }
            semaphore.signal()
        }

        /// Returns once the gate is open.
        package func opened() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    guard case .closed(let awaiting) = state else { return true }
                    state = .closed(awaiting + [continuation])
                    return false
                }
                if isOpen { continuation.resume() }
            }
        }

        /// Blocks its thread until the gate is open.
        func wait() {
            semaphore.wait()
            semaphore.signal()
        }
    }
}
