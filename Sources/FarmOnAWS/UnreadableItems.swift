package import Farm
package import Logging
internal import Synchronization

/// Items of the table that this version of the program cannot read.
///
/// A list leaves these items out, so one damaged item does not stop the work on all others. An item
/// that another version wrote is treated the same way. The log names each item. This type counts
/// the items until a caller takes the count.
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
