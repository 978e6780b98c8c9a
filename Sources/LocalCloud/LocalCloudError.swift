/// An operation on the local cloud failed.
package struct LocalCloudError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A verb and its object, as in `start the local cloud`.
    package let operation: String
    /// The reason and the next step, in whole sentences.
    package let message: String

    package init(_ operation: String, _ message: String) {
        self.operation = operation
        self.message = message
    }

    package var description: String { "Could not \(operation): \(message)" }
}
