import Glibc
import HTTP

/// Gets SIGTERM from Lambda before it takes the environment away.
///
/// Lambda sends it only where an extension is registered, so this registers one that asks for no
/// events (Lambda Extensions API 2020-01-01), on a connection and thread of its own. SIGTERM is
/// awaited by a second thread: a signal handler could do next to nothing safely.
package struct TerminationNotice: Sendable {
    private let host: String
    /// Has half a second; then the process ends with status 0.
    private let onTermination: @Sendable () -> Void

    package init(host: String, onTermination: @escaping @Sendable () -> Void) {
        self.host = host
        self.onTermination = onTermination
    }

    /// Call before the first `next` and before any other thread is started: threads inherit the
    /// mask that keeps SIGTERM for the one that waits for it.
    package func register() throws(RuntimeAPIError) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        let onTermination = onTermination
        OwnThread.start {
            var signals = awaited
            var signal: Int32 = 0
            guard unsafe sigwait(&signals, &signal) == 0 else { return }
            onTermination()
            exit(0)
        }
        let transport = OneShotTransport()
        let identifier = try registerExtension(transport)
        OwnThread.start { [host] in
            let request = HTTPRequest(
                .get, "http://\(host)/2020-01-01/extension/event/next",
                headers: [HTTPField(Self.identifierHeader, identifier)],
                bounds: HTTPBounds(connect: .seconds(5), total: nil, stall: nil))
            // Says that the extension is ready; with no events asked for, no answer ever comes.
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
