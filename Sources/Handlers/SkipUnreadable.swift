internal import Farm
internal import Logging

/// Performs a pass's work for one item of its list.
///
/// An item of another version, or a damaged one, must not keep the pass from the items after it. So
/// an item that cannot be read is logged, and the result is `nil`. Other errors stop the pass.
func skippingUnreadable<Value>(
    _ log: Logger, _ work: () async throws(PortError) -> Value
) async throws(PortError) -> Value? {
    do throws(PortError) {
        return try await work()
    } catch {
        guard error.kind == .malformed else { throw error }
        log.error("skipped an item that cannot be read", metadata: ["error": "\(error)"])
        return nil
    }
}
