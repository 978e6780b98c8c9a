/// The clock and the wait, so that tests control both.
package protocol TimeSource: Sendable {
    func now() -> Timestamp
    /// Throws only when the calling task is canceled.
    func sleep(for duration: Duration) async throws(CancellationError)
}
