package import HTTP

/// A request to the launcher or to the Spot emulator over loopback.
package struct LoopbackCall: Sendable {
    private let transport: any HTTPTransport
    private let port: UInt16
    private let secretKey: String

    package init(transport: any HTTPTransport, port: UInt16, secretKey: String) {
        self.transport = transport
        self.port = port
        self.secretKey = secretKey
    }

    /// Returns the response's body. A status other than 2xx is an error with that body as its text.
    package func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil,
        doing operation: String
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
                operation, "\(error). If the local cloud is down, run `spotrender local up`.")
        }
        guard response.isSuccess else {
            throw LocalCloudError(operation, String(decoding: response.body, as: UTF8.self))
        }
        return response.body
    }
}
