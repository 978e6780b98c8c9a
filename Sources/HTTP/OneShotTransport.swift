internal import CCurl
import Synchronization

/// One request at a time over a connection that is kept: the least that a Lambda needs.
///
/// `send` blocks its thread until the answer is there. That is right where one task does one thing
/// after another, as a Lambda does: no second thread is started and no hop costs time. It is wrong
/// in a program that serves many tasks: there use `MultiTransport`. Two sends at once take turns;
/// neither waits for the other's task, so they can't lock each other out.
package final class OneShotTransport: HTTPTransport {
    private let handle: Mutex<Handle>
    private let options: EasyHandle.Options

    /// `sending` can't be said of a value that stays in a mutex, hence the box; the mutex is what
    /// keeps the handle to one thread at a time.
    private struct Handle: @unchecked Sendable {
        let easy: EasyHandle
    }

    /// - Parameter idleMax: a connection idle for longer is not used again. Services close theirs
    ///   after some seconds to minutes; Lambda's Runtime API never does.
    package init(trust: HTTPTrust = .system, idleMax: Duration = .seconds(50)) {
        options = EasyHandle.Options(trust: trust, idleMax: idleMax, connectionsMax: 8)
        handle = Mutex(Handle(easy: EasyHandle()))
    }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try sendBlocking(request)
    }

    /// The same without `async`, for a thread of its own. A canceled task ends it within a second.
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
