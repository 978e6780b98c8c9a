package import HTTP

/// The Runtime API over HTTP. Source: "Using the Lambda runtime API", AWS Lambda Developer Guide.
///
/// When a kept connection is closed before an answer begins, libcurl sends the request again. If
/// Lambda had accepted the first request, it answers 400 to the second, and the loop ignores that.
package struct CurlRuntimeAPI: RuntimeAPI {
    private let root: String
    private let transport: any HTTPTransport

    /// - Parameters:
    ///   - host: host and port from AWS_LAMBDA_RUNTIME_API.
    ///   - transport: only for this API, so that a handler's requests never wait behind `next`.
    package init(host: String, transport: any HTTPTransport) {
        root = "http://\(host)/2018-06-01/runtime/"
        self.transport = transport
    }

    package func nextInvocation() async throws(RuntimeAPIError) -> Invocation {
        let endpoint = "invocation/next"
        let request = HTTPRequest(
            .get, root + endpoint, sink: .memory(bytesMax: RuntimeLimits.eventBytesMax),
            bounds: HTTPBounds(connect: .seconds(5), total: nil, stall: nil))
        return try Invocation(try await send(request, to: endpoint))
    }

    package func respond(to id: Invocation.ID, with body: [UInt8]) async throws(RuntimeAPIError) {
        let headers = [HTTPField("Content-Type", "application/json")]
        try await post(body, headers, to: "invocation/\(id)/response")
    }

    package func report(
        _ error: ErrorReport, for id: Invocation.ID
    ) async throws(RuntimeAPIError) {
        try await post(error, to: "invocation/\(id)/error")
    }

    package func reportInitialization(_ error: ErrorReport) async throws(RuntimeAPIError) {
        try await post(error, to: "init/error")
    }

    private func post(_ error: ErrorReport, to endpoint: String) async throws(RuntimeAPIError) {
        let headers = [
            HTTPField("Content-Type", "application/vnd.aws.lambda.error+json"),
            HTTPField("Lambda-Runtime-Function-Error-Type", error.type),
            HTTPField("Lambda-Runtime-Function-XRay-Error-Cause", error.xRayCause),
        ]
        try await post(error.body, headers, to: endpoint)
    }

    private func post(
        _ body: [UInt8], _ headers: [HTTPField], to endpoint: String
    ) async throws(RuntimeAPIError) {
        let request = HTTPRequest(
            .post, root + endpoint, headers: headers, body: .bytes(body),
            sink: .memory(bytesMax: 64 << 10), bounds: HTTPBounds(total: .seconds(30)))
        _ = try await send(request, to: endpoint)
    }

    private func send(
        _ request: HTTPRequest, to endpoint: String
    ) async throws(RuntimeAPIError) -> HTTPResponse {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await transport.send(request)
        } catch {
            throw .transport(error)
        }
        guard response.isSuccess else { throw .status(response.status, endpoint: endpoint) }
        return response
    }
}
