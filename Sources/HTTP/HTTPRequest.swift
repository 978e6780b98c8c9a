/// One HTTP/1.1 request, as a value.
package struct HTTPRequest: Hashable, Sendable {
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    /// What is sent. A file is read while it is sent, never held in memory.
    package enum Body: Hashable, Sendable {
        case none
        case bytes([UInt8])
        case file(path: String, offset: Int64, length: Int64)
    }

    /// Where the body of a 2xx answer goes. Any other answer is kept in memory, for its error text.
    package enum Sink: Hashable, Sendable {
        /// Kept in memory; a longer body is `HTTPError` with kind `.bodyTooLarge`.
        case memory(bytesMax: Int)
        /// Written from `offset` on into an existing or new file.
        case file(path: String, offset: Int64)
    }

    package var method: Method
    /// Absolute, already percent-encoded: it is sent as it stands.
    package var url: String
    package var headers: [HTTPField]
    package var body: Body
    package var sink: Sink
    package var bounds: HTTPBounds

    package init(
        _ method: Method,
        _ url: String,
        headers: [HTTPField] = [],
        body: Body = .none,
        sink: Sink = .memory(bytesMax: 8 << 20),
        bounds: HTTPBounds = HTTPBounds()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.sink = sink
        self.bounds = bounds
    }
}

/// One header line. Names compare without regard to case.
package struct HTTPField: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// How long a request may take. `nil` means without a bound, which only Lambda's `next` needs.
package struct HTTPBounds: Hashable, Sendable {
    package var connect: Duration?
    /// From start to the last byte.
    package var total: Duration?
    /// Ends a transfer that moves less than a byte a second for this long.
    package var stall: Duration?

    package init(
        connect: Duration? = .seconds(5), total: Duration? = .seconds(60),
        stall: Duration? = .seconds(20)
    ) {
        self.connect = connect
        self.total = total
        self.stall = stall
    }
}
