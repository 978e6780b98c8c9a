package import Farm
internal import FoundationEssentials

/// The machine's clock.
package struct SystemTime: TimeSource {
    package init() {}

    package func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    package func sleep(for duration: Duration) async throws(CancellationError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw CancellationError()
        }
    }
}
