/// An operation outside the process failed: what was tried, on what, and what to do.
package struct PortError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Temporary: throttled, unreachable, or a fault of the service.
        case unavailable
        /// Credentials or permissions are wrong: a person must act.
        case denied
        /// The thing named is not there.
        case missing
        /// The local disk is full or can't be written.
        case disk
        /// An answer or item that can't be understood.
        case malformed
    }

    package let kind: Kind
    /// As in `store frame 12 of scene-1a2b3c4d`.
    package let operation: String
    package let message: String

    package init(_ kind: Kind, _ operation: String, _ message: String) {
        self.kind = kind
        self.operation = operation
        self.message = message
    }

    package var isRetryable: Bool { kind == .unavailable }

    package var description: String { "Could not \(operation): \(message)" }
}
