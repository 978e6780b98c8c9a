/// Sends many requests at a time from its own thread, and keeps connections open.
///
/// A request beyond the bound waits. Its time limits begin when it is sent. When a task is
/// canceled, its request ends at once with `.canceled`. The thread ends with the transport.
package final class MultiTransport: HTTPTransport {
    private let loop: MultiLoop

    /// - Parameters:
    ///   - requestsMax: how many requests run at once, and how many connections are kept open.
    ///   - idleMax: a connection that was idle for longer is not used again.
    package init(
        requestsMax: Int = 32, trust: HTTPTrust = .system, idleMax: Duration = .seconds(50)
    ) {
        precondition(requestsMax > 0, "A transport must be allowed to send at least one request.")
        loop = MultiLoop(
            requestsMax: requestsMax,
            options: EasyHandle.Options(
                trust: trust, idleMax: idleMax, connectionsMax: requestsMax))
        loop.start()
    }

    deinit { loop.stop() }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let transfer = Transfer(request, isTaskAsked: false)
        let loop = loop
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(MultiLoop.Job(transfer: transfer, continuation: continuation))
            }
        } onCancel: {
            transfer.cancel()
            loop.noticeCancellation()
        }
        return try result.get()
    }
}
