internal import CCurl
import Synchronization

/// Sends one request at a time and keeps its connection open: enough for a Lambda.
///
/// `send` blocks its thread until the answer arrives. A Lambda does one thing after another, so it
/// needs no second thread and saves the time for switching. Programs with many tasks use
/// `MultiTransport`. Two sends at once take turns. Neither waits for the other's task, so they
/// can't deadlock.
package final class OneShotTransport: HTTPTransport {
    private let handle: Mutex<Handle>
    private let options: EasyHandle.Options

    /// A value that stays in a mutex can't be `sending`, so it needs this box. The mutex keeps the
    /// handle to one thread at a time.
    private struct Handle: @unchecked Sendable {
        let easy: EasyHandle
    }

    /// - Parameter idleMax: a connection that was idle for longer is not used again. Services close
    ///   idle connections after seconds to minutes. Lambda's Runtime API never does.
    package init(trust: HTTPTrust = .system, idleMax: Duration = .seconds(50)) {
        options = EasyHandle.Options(trust: trust, idleMax: idleMax, connectionsMax: 8)
        handle = Mutex(Handle(easy: EasyHandle()))
    }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try sendBlocking(request)
    }

    /// Sends a request without `async`, for a thread of its own. If the thread runs a task and the
    /// task is canceled, the request ends within a second.
    package func sendBlocking(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
        let transfer = Transfer(request, isTaskAsked: true)
        return try handle.withLock { handle throws(HTTPError) in
            let easy = handle.easy
            try easy.prepare(transfer, options: options)
            try transfer.begin()
            let code = unsafe curl_easy_perform(easy.curl)
            return try transfer.finish(code, easy.message(for: code))
        }
    }
}
