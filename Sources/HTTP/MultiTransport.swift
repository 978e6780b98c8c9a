/// Many requests at a time on one thread of its own, over connections that are kept.
///
/// A request beyond the bound waits its turn; its time limits start when its turn comes. A canceled
/// task's request ends at once, with `.canceled`. The thread ends with the transport.
package final class MultiTransport: HTTPTransport {
    private let loop: MultiLoop

    /// - Parameters:
    ///   - requestsMax: how many are under way at once, and how many connections are kept.
    ///   - idleMax: a connection idle for longer is not used again.
    package init(
        requestsMax: Int = 32, trust: HTTPTrust = .system, idleMax: Duration = .seconds(50)
    ) {
        precondition(requestsMax > 0, "a transport that may send nothing would wait for ever")
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
