/// Divides the bytes of a connection into HTTP/1.1 requests, with bodies by length or chunked.
struct RequestReader {
    let socket: Socket
    let connection: Int
    private var bytes: [UInt8] = []

    init(socket: Socket, connection: Int) {
        self.socket = socket
        self.connection = connection
    }

    /// The next request, or `nil` once the peer has closed.
    mutating func next() -> ScriptedServer.Request? {
        guard let requestLine = line() else { return nil }
        let words = requestLine.split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        while let line = line(), !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
            headers[parts[0].lowercased()] = String(value)
        }
        guard let body = body(headers) else { return nil }
        return ScriptedServer.Request(
            method: String(words[0]), target: String(words[1]), headers: headers, body: body,
            connection: connection)
    }

    private mutating func body(_ headers: [String: String]) -> [UInt8]? {
        if headers["transfer-encoding"]?.lowercased() == "chunked" {
            var body: [UInt8] = []
            while let size = line().flatMap({ Int($0, radix: 16) }) {
                guard let chunk = take(size), line() != nil else { return nil }
                if size == 0 { return body }
                body += chunk
            }
            return nil
        }
        return take(headers["content-length"].flatMap { Int($0) } ?? 0)
    }

    private mutating func line() -> String? {
        while true {
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: bytes[..<end], as: UTF8.self)
                bytes.removeFirst(end + 1)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard fill() else { return nil }
        }
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        while bytes.count < count {
            guard fill() else { return nil }
        }
        defer { bytes.removeFirst(count) }
        return Array(bytes.prefix(count))
    }

    private mutating func fill() -> Bool {
        let more = socket.receive()
        bytes += more
        return !more.isEmpty
    }
}
