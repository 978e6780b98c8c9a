package import HTTP

/// The instance metadata service, version 2: an instance's identity and its notices.
///
///     PUT latest/api/token ─▶ token ─▶ GET latest/meta-data/…   401: a new token, once
///
/// Version 1, which needs no token, is never used. Source: "Use the Instance Metadata Service",
/// EC2 User Guide.
package actor IMDS {
    private static let tokenSeconds: Int64 = 21_600
    private static let tokenLead: Duration = .seconds(60)
    private static let bounds = HTTPBounds(
        connect: .seconds(1), total: .seconds(2), stall: nil)

    private let transport: any HTTPTransport
    private let timing: Timing
    /// `nil` when the service is switched off.
    private let endpoint: String?
    private var token: (value: String, renewAfter: Duration)?

    /// Reads `AWS_EC2_METADATA_SERVICE_ENDPOINT` and `AWS_EC2_METADATA_DISABLED`.
    package init(
        environment: [String: String], transport: any HTTPTransport, timing: Timing = .system
    ) {
        self.transport = transport
        self.timing = timing
        let isDisabled = environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
        var address =
            environment.nonEmpty("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
        while address.hasSuffix("/") { address.removeLast() }
        endpoint = isDisabled ? nil : address
    }

    /// The value of a path below `latest/meta-data/`, or `nil` when there is none (404).
    package func metadata(_ path: String) async throws(IMDSError) -> String? {
        try await value(at: "/latest/meta-data/\(path)")
    }

    /// The value of any path, or `nil` when there is none (404).
    func value(at path: String) async throws(IMDSError) -> String? {
        var response = try await get(path, token: try await currentToken())
        if response.status == 401 {
            token = nil
            response = try await get(path, token: try await currentToken())
        }
        switch response.status {
        case 200: return String(decoding: response.body, as: UTF8.self)
        case 404: return nil
        default: throw .status(response.status, path: path)
        }
    }

    private func get(_ path: String, token: String) async throws(IMDSError) -> HTTPResponse {
        try await send(.get, path, HTTPField("X-aws-ec2-metadata-token", token))
    }

    private func currentToken() async throws(IMDSError) -> String {
        let now = timing.elapsed()
        if let token, now < token.renewAfter { return token.value }
        let path = "/latest/api/token"
        let response = try await send(
            .put, path,
            HTTPField("X-aws-ec2-metadata-token-ttl-seconds", String(Self.tokenSeconds)))
        guard response.status == 200 else { throw .status(response.status, path: path) }
        let value = String(decoding: response.body, as: UTF8.self)
        token = (value, now + .seconds(Self.tokenSeconds) - Self.tokenLead)
        return value
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ header: HTTPField
    ) async throws(IMDSError) -> HTTPResponse {
        guard let endpoint else { throw .disabled }
        let request = HTTPRequest(
            method, endpoint + path, headers: [header], sink: .memory(bytesMax: 1 << 20),
            bounds: Self.bounds)
        do {
            return try await transport.send(request)
        } catch {
            throw .unreachable(error)
        }
    }
}
