/// The clock and the wait, so that rules and tests own both.
package protocol TimeSource: Sendable {
    func now() -> Timestamp
    /// Throws only when the calling task is canceled.
    func sleep(for duration: Duration) async throws(CancellationError)
}
