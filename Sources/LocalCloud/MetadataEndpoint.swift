import FlyingFox
import FlyingSocks
package import FoundationEssentials

/// Serves one instance's IMDSv2 on its own loopback port.
package actor MetadataEndpoint: InstanceMetadata {
    private var service: MetadataService
    private let server: HTTPServer
    private let now: @Sendable () -> Date
    private let newToken: @Sendable () -> String

    package init(
        identity: MetadataService.Identity,
        now: @escaping @Sendable () -> Date,
        newToken: @escaping @Sendable () -> String
    ) throws(LocalCloudError) {
        self.service = MetadataService(identity: identity)
        do {
            // An address, because the name localhost may mean IPv6.
            self.server = HTTPServer(
                address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
        } catch {
            throw LocalCloudError("serve instance metadata", "\(error)")
        }
        self.now = now
        self.newToken = newToken
    }

    package func serve() async throws {
        await server.appendRoute("PUT /latest/api/token") { [self] request in
            await grant(request)
        }
        await server.appendRoute("GET *") { [self] request in
            await answer(request)
        }
        try await server.run()
    }

    package func address() async throws -> String {
        try await server.waitUntilListening(timeout: 5)
        guard case .ip4(_, let port) = await server.listeningAddress else {
            throw LocalCloudError("serve instance metadata", "No loopback port is free.")
        }
        return "http://127.0.0.1:\(port)"
    }

    package func setKeys(_ keys: RoleKeys) {
        service.roleKeys = keys
    }

    package func showNotice(deadline: Date) {
        service.noticeDeadline = deadline
        showTermination()
    }

    package func showTermination() {
        service.lifecycleState = "Terminated"
    }

    private func grant(_ request: HTTPRequest) -> HTTPResponse {
        let seconds = request.headers[HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds")]
        let answer = service.grant(
            token: newToken(), secondsToLive: seconds,
            isForwarded: request.headers[HTTPHeader("X-Forwarded-For")] != nil, now: now())
        var response = HTTPResponse(answer)
        if answer.status == 200, let seconds {
            response.headers[HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds")] = seconds
        }
        return response
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        let token = request.headers[HTTPHeader("X-aws-ec2-metadata-token")]
        return HTTPResponse(service.answer(path: request.path, token: token, now: now()))
    }
}

extension HTTPResponse {
    fileprivate init(_ answer: MetadataService.Answer) {
        self.init(
            statusCode: HTTPStatusCode(answer.status, phrase: ""),
            headers: [.contentType: "text/plain"], body: Data(answer.body.utf8))
    }
}
