/// Sends a request and returns the answer of any status. It throws only when there is no answer.
///
/// `OneShotTransport` sends one request at a time over one connection: for Lambdas.
/// `MultiTransport` sends many at a time: for the worker and the command line. Both use libcurl.
/// Tests return values.
package protocol HTTPTransport: Sendable {
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

/// There was no answer, or only a part of one.
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
        /// Any other error. With code 0: the caller made a request that can't be sent.
        case other
    }

    package let kind: Kind
    /// libcurl's CURLcode, or 0 when the cause is a file, a bound or a cancellation.
    package let code: Int32
    /// The method and the URL without its query, because a query may hold a signature.
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
