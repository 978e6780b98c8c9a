import FlyingFox
import FlyingSocks
import FoundationEssentials

/// Serves the Spot emulator's commands on loopback: `GET /instances`, `POST /interrupt`,
/// `POST /shutdown`.
///
/// Every request needs the local cloud's secret key as bearer token, so that no web page that is
/// open on this machine can end instances.
package struct EmulatorControl: Sendable {
    private let emulator: SpotEmulator
    private let server: HTTPServer
    private let bearer: String

    package init(emulator: SpotEmulator, secretKey: String) throws {
        self.emulator = emulator
        self.bearer = "Bearer \(secretKey)"
        self.server = HTTPServer(
            address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
    }

    /// Serves until the calling task is canceled.
    package func serve() async throws {
        await server.appendRoute("*") { request in await answer(request) }
        try await server.run()
    }

    package func port() async throws -> UInt16 {
        try await server.waitUntilListening(timeout: 5)
        guard case .ip4(_, let port) = await server.listeningAddress else {
            throw LocalCloudError("listen for commands", "No loopback port is free.")
        }
        return port
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.headers[.authorization] == bearer else {
            return text(.forbidden, "wrong or missing bearer token")
        }
        do {
            switch (request.method, request.path) {
            case (.GET, "/instances"):
                return HTTPResponse(
                    statusCode: .ok, headers: [.contentType: "application/json"],
                    body: try JSONEncoder().encode(await emulator.status()))
            case (.POST, "/interrupt"):
                let order = try JSONDecoder().decode(
                    InterruptionOrder.self, from: await request.bodyData)
                return text(.ok, try await emulator.interrupt(order))
            case (.POST, "/shutdown"):
                await emulator.shutDown()
                return text(.ok, "shutting down")
            default:
                return text(.notFound, "no such command")
            }
        } catch {
            return text(.badRequest, "\(error)")
        }
    }

    private func text(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: status, headers: [.contentType: "text/plain"], body: Data(text.utf8))
    }
}
