/// Sends a request and gives the answer, whatever its status; throws only when there is none.
///
/// `OneShotTransport` (Lambdas: one connection, one request at a time) and `MultiTransport`
/// (worker, command line: many at a time) speak HTTP through libcurl; tests answer with values.
package protocol HTTPTransport: Sendable {
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

/// No answer, or not a whole one.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case resolve
        case connect
        case tls
        case timeout
        case interrupted
        case bodyTooLarge
        case file
        case canceled
        /// Also a request that can't be sent as it stands, with code 0: a fault of its maker.
        case other
    }

    package let kind: Kind
    /// libcurl's CURLcode; 0 when the fault is ours (a file, a bound, a cancellation).
    package let code: Int32
    /// Method and URL without its query, which may hold a signature.
    package let operation: String
    package let message: String

    package init(kind: Kind, code: Int32, operation: String, message: String) {
        self.kind = kind
        self.code = code
        self.operation = operation
        self.message = message
    }

    /// Whether the same request may succeed a moment later.
    package var isRetryable: Bool {
        switch kind {
        case .resolve, .connect, .timeout, .interrupted: true
        case .other: code != 0
        case .tls, .bodyTooLarge, .file, .canceled: false
        }
    }

    package var description: String { "\(operation): \(message)" }
}
