import Glibc
import HTTP

/// Calls a function when Lambda sends SIGTERM before it ends the environment.
///
/// Lambda sends SIGTERM only if an extension is registered, so this type registers one that
/// requests no events (Lambda Extensions API 2020-01-01), on a connection and thread of its own. A
/// second thread waits for SIGTERM, because a signal handler may call almost no function safely.
package struct TerminationNotice: Sendable {
    private let host: String
    /// It has half a second. Then the process ends with status 0.
    private let onTermination: @Sendable () -> Void

    package init(host: String, onTermination: @escaping @Sendable () -> Void) {
        self.host = host
        self.onTermination = onTermination
    }

    /// Call it before the first `next` and before any other thread starts. Threads inherit the
    /// signal mask, which keeps SIGTERM for the thread that waits for it.
    package func register() throws(RuntimeAPIError) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        let onTermination = onTermination
        DedicatedThread.start {
            var signals = awaited
            var signal: Int32 = 0
            guard unsafe sigwait(&signals, &signal) == 0 else { return }
            onTermination()
            exit(0)
        }
        let transport = OneShotTransport()
        let identifier = try registerExtension(transport)
        DedicatedThread.start { [host] in
            let request = HTTPRequest(
                .get, "http://\(host)/2020-01-01/extension/event/next",
                headers: [HTTPField(Self.identifierHeader, identifier)],
                bounds: HTTPBounds(connect: .seconds(5), total: nil, stall: nil))
            // This request reports that the extension is ready. It requests no events, so no answer
            // comes.
            _ = Result { () throws(HTTPError) in try transport.sendBlocking(request) }
        }
    }

    private static let identifierHeader = "Lambda-Extension-Identifier"

    private func registerExtension(
        _ transport: OneShotTransport
    ) throws(RuntimeAPIError) -> String {
        let endpoint = "extension/register"
        let request = HTTPRequest(
            .post, "http://\(host)/2020-01-01/\(endpoint)",
            headers: [
                HTTPField("Lambda-Extension-Name", "spotrender-termination"),
                HTTPField("Content-Type", "application/json"),
            ], body: .bytes(Array(#"{"events":[]}"#.utf8)))
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try transport.sendBlocking(request)
        } catch {
            throw .transport(error)
        }
        guard response.isSuccess else { throw .status(response.status, endpoint: endpoint) }
        guard let identifier = response.header(Self.identifierHeader) else {
            throw .missingHeader(Self.identifierHeader, id: nil)
        }
        return identifier
    }
}
