/// The local cloud could not do as asked: what was tried, why not, and what to do.
package struct LocalCloudError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As in `start the local cloud`.
    package let operation: String
    /// Why not, and the next step: whole sentences.
    package let message: String

    package init(_ operation: String, _ message: String) {
        self.operation = operation
        self.message = message
    }

    package var description: String { "Could not \(operation): \(message)" }
}
