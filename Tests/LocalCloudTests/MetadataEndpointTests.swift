import FoundationEssentials
import HTTP
import Testing

@testable import LocalCloud

@Suite(.timeLimit(.minutes(1))) struct `A metadata endpoint` {
    private func serve(
        _ body: (MetadataEndpoint, String, MultiTransport) async throws -> Void
    ) async throws {
        let endpoint = try MetadataEndpoint(
            identity: MetadataService.Identity(
                instanceID: "i-0123456789abcdef0", instanceType: "c5a.2xlarge",
                zone: "us-east-1b", zoneID: "use1-az2", region: "us-east-1",
                accountID: "000000000000", roleName: "worker",
                launched: Date(timeIntervalSince1970: 1_700_000_000)),
            now: { Date(timeIntervalSince1970: 1_700_000_000) }, newToken: { "word" })
        let transport = MultiTransport(requestsMax: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await endpoint.serve() }
            try await body(endpoint, try await endpoint.address(), transport)
            group.cancelAll()
        }
    }

    @Test func `speaks IMDSv2 over HTTP`() async throws {
        try await serve { endpoint, address, transport in
            let path = address + "/latest/meta-data/spot/instance-action"
            #expect(try await transport.send(HTTPRequest(.get, path)).status == 401)
            let granted = try await transport.send(
                HTTPRequest(
                    .put, address + "/latest/api/token",
                    headers: [HTTPField("X-aws-ec2-metadata-token-ttl-seconds", "60")]))
            #expect(granted.body == Array("word".utf8))
            #expect(granted.header("X-aws-ec2-metadata-token-ttl-seconds") == "60")
            let request = HTTPRequest(
                .get, path, headers: [HTTPField("X-aws-ec2-metadata-token", "word")])
            #expect(try await transport.send(request).status == 404)
            await endpoint.showNotice(deadline: Date(timeIntervalSince1970: 1_700_000_120))
            #expect(
                String(decoding: try await transport.send(request).body, as: UTF8.self)
                    == #"{"action":"terminate","time":"2023-11-14T22:15:20Z"}"#)
        }
    }
}
