package import Farm
package import Logging
internal import Synchronization

/// Items of the table that this version of the program cannot read.
///
/// Lists leave them out, so that one item of another version, or a damaged one, does not stop all
/// others. They are logged, and counted here until somebody takes the count.
package final class UnreadableItems: Sendable {
    private let found = Mutex(UnreadableCount())
    private let log: Logger

    package init(log: Logger = Logger(label: "table")) {
        self.log = log
    }

    func add(_ name: String, _ error: PortError) {
        let isNew = found.withLock { $0.add(name) }
        guard isNew else { return }
        log.error(
            "left out an item that cannot be read",
            metadata: ["item": "\(name)", "error": "\(error)"])
    }

    /// The items since the last call.
    package func take() -> UnreadableCount {
        found.withLock { found in
            defer { found = UnreadableCount() }
            return found
        }
    }
}
