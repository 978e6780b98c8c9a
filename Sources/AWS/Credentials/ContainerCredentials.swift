internal import FoundationEssentials
internal import HTTP

/// The credentials of a container's role (ECS, EKS Pod Identity), from the container's agent.
struct ContainerCredentials: CredentialsProvider {
    private static let ecsHost = "169.254.170.2"
    /// Hosts that may be asked without TLS: this machine and its agents.
    private static let trustedHosts: Set<String> = [
        ecsHost, "169.254.170.23", "[fd00:ec2::23]", "localhost", "[::1]",
    ]

    let environment: [String: String]
    let transport: any HTTPTransport

    var name: String { "container" }

    func fetch() async throws(CredentialsProviderError) -> Credentials {
        let request = HTTPRequest(
            .get, try address(), headers: try authorization(),
            sink: .memory(bytesMax: 1 << 20),
            bounds: HTTPBounds(connect: .seconds(2), total: .seconds(5), stall: nil))
        let response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            throw error.kind == .canceled ? .canceled : .failed(error.description)
        }
        guard response.isSuccess else {
            throw .failed("\(SplitURL(request.url).authority) answered \(response.status)")
        }
        return try RoleCredentialsDocument.credentials(in: response.body)
    }

    private func address() throws(CredentialsProviderError) -> String {
        if let path = environment.nonEmpty("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return "http://\(Self.ecsHost)\(path)"
        }
        guard let url = environment.nonEmpty("AWS_CONTAINER_CREDENTIALS_FULL_URI") else {
            throw .notSet("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and …_FULL_URI are not set")
        }
        let parts = SplitURL(url)
        let isTrusted = Self.trustedHosts.contains(parts.host) || isLoopback(parts.host)
        guard parts.scheme == "https" || (parts.scheme == "http" && isTrusted) else {
            throw .failed(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine")
        }
        return url
    }

    /// Whether a host is in 127.0.0.0/8. A name such as `127.0.0.1.example.com` is not.
    private func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private func authorization() throws(CredentialsProviderError) -> [HTTPField] {
        var token = environment.nonEmpty("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        // The agent renews the file while the container runs, so the file is read for every
        // request.
        if let path = environment.nonEmpty("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw .failed("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE could not be read: \(path)")
            }
            token = String(decoding: contents, as: UTF8.self)
        }
        guard let token else { return [] }
        guard !token.contains(where: \.isNewline) else {
            throw .failed("the container's authorization token holds a line break")
        }
        return [HTTPField("Authorization", token)]
    }
}
