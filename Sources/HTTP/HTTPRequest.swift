/// One HTTP/1.1 request, as a value.
package struct HTTPRequest: Hashable, Sendable {
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    /// The body to send. A file is read during the transfer and never held in memory.
    package enum Body: Hashable, Sendable {
        case none
        case bytes([UInt8])
        case file(path: String, offset: Int64, length: Int64)
    }

    /// Where the body of a 2xx answer is stored. Other answers are kept in memory, for the error's
    /// text.
    package enum Sink: Hashable, Sendable {
        /// In memory. A longer body throws `HTTPError` with the kind `.bodyTooLarge`.
        case memory(bytesMax: Int)
        /// In an existing or new file, from byte `offset` on.
        case file(path: String, offset: Int64)
    }

    package var method: Method
    /// Absolute and already percent-encoded. It is sent unchanged.
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

/// One header line. Names are compared without regard to case.
package struct HTTPField: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// Time limits of a request. `nil` means no limit: only Lambda's `next` needs that.
package struct HTTPBounds: Hashable, Sendable {
    package var connect: Duration?
    /// From the start to the last byte.
    package var total: Duration?
    /// Ends a transfer that moves less than one byte per second for this long.
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
