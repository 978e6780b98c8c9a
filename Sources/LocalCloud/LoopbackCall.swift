package import HTTP

/// A request to one of our own loopback ports: the launcher's or the plane's.
package struct LoopbackCall: Sendable {
    private let transport: any HTTPTransport
    private let port: UInt16
    private let secretKey: String

    package init(transport: any HTTPTransport, port: UInt16, secretKey: String) {
        self.transport = transport
        self.port = port
        self.secretKey = secretKey
    }

    /// The answer's body; anything but a 2xx is an error with the answer's own words.
    package func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
        _ operation: String
    ) async throws(LocalCloudError) -> [UInt8] {
        let request = HTTPRequest(
            method, "http://127.0.0.1:\(port)\(path)",
            headers: [
                HTTPField("Authorization", "Bearer \(secretKey)"),
                HTTPField("Content-Type", "application/json"),
            ],
            body: body.map { .bytes([UInt8]($0.utf8)) } ?? .none,
            bounds: HTTPBounds(connect: .seconds(2), total: .seconds(10), stall: .seconds(10)))
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw LocalCloudError(
                operation, "\(error). Is the local cloud up? `spotrender local up` tells.")
        }
        guard response.isSuccess else {
            throw LocalCloudError(operation, String(decoding: response.body, as: UTF8.self))
        }
        return response.body
    }
}
