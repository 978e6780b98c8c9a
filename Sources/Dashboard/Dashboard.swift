package import Farm
import FlyingFox
import FlyingSocks
import FoundationEssentials
package import Logging
import Presentation
import Synchronization

/// What the dashboard reads. It changes nothing.
package struct DashboardPorts: Sendable {
    package var jobs: any JobStore
    package var tasks: any TaskStore
    package var workers: any WorkerStore
    package var frames: any FrameReader
    package var time: any TimeSource

    package init(
        jobs: any JobStore, tasks: any TaskStore, workers: any WorkerStore,
        frames: any FrameReader, time: any TimeSource
    ) {
        self.jobs = jobs
        self.tasks = tasks
        self.workers = workers
        self.frames = frames
        self.time = time
    }
}

/// A web page that shows the farm to the user of this machine. It listens on loopback only.
package struct Dashboard: Sendable {
    private let ports: DashboardPorts
    private let views: Views
    private let server: HTTPServer
    private let log: Logger

    /// - Parameter port: 0 for any free port.
    /// - Parameter jobs: Jobs to show, even if they have ended.
    package init(ports: DashboardPorts, port: UInt16, jobs: [JobID] = [], log: Logger) throws {
        self.ports = ports
        views = Views(ports: ports, known: jobs)
        server = HTTPServer(
            address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
        self.log = log
    }

    /// Serves until the calling task is canceled.
    package func run() async throws {
        for (path, file) in Page.files {
            await route(path) { _ in
                HTTPResponse(
                    statusCode: .ok, headers: [.contentType: file.type], body: Data(file.bytes))
            }
        }
        await route("/api/farm") { _ in .json(try await views.farmJSON()) }
        await route("/api/jobs/:job") { request in
            guard let job = request.routeParameters["job"],
                let json = try await views.jobJSON(JobID(job))
            else { return .missing("There is no such job.") }
            return .json(json)
        }
        await route("/api/jobs/:job/frames/:frame") { request in
            guard let job = request.routeParameters["job"],
                let frame = request.routeParameters["frame"].flatMap({ Int($0) }),
                let picture = try await views.picture(JobID(job), frame: frame)
            else { return .missing("There is no such frame.") }
            return HTTPResponse(
                statusCode: .ok,
                headers: [
                    .contentType: picture.type,
                    HTTPHeader("Cache-Control"): "private, max-age=3600",
                ], body: Data(picture.bytes))
        }
        await route("/api/events") { request in
            events(job: request.query.first { $0.name == "job" }.map { JobID($0.value) })
        }
        try await server.run()
    }

    /// The address, once the server listens.
    package func address() async throws -> String {
        try await server.waitUntilListening(timeout: 5)
        guard case .ip4(_, let port) = await server.listeningAddress else {
            throw PortError(
                .unavailable, "serve the dashboard", "the server listens on no loopback port")
        }
        return "http://127.0.0.1:\(port)/"
    }

    private func route(
        _ path: String, _ answer: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async {
        await server.appendRoute(HTTPRoute("GET \(path)")) { [log] request in
            // Another site must not read the farm through a domain name that points here.
            guard Self.isOwnHost(request.headers[.host]) else {
                return HTTPResponse(statusCode: .forbidden)
            }
            var response: HTTPResponse
            do {
                response = try await answer(request)
            } catch {
                log.warning("a view failed", metadata: ["path": "\(path)", "error": "\(error)"])
                response = .failure("\(error)")
            }
            response.headers[HTTPHeader("Content-Security-Policy")] =
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            response.headers[HTTPHeader("X-Content-Type-Options")] = "nosniff"
            response.headers[HTTPHeader("Referrer-Policy")] = "no-referrer"
            return response
        }
    }

    static func isOwnHost(_ host: String?) -> Bool {
        let name = host?.split(separator: ":").first
        return name == "127.0.0.1" || name == "localhost"
    }

    // MARK: Updates

    /// Sends what changed, every second, and a comment, which shows that the connection is alive.
    private func events(job: JobID?) -> HTTPResponse {
        let last = Mutex<[String: Data]>([:])
        let isFirst = Mutex(true)
        let stream = EventStream { [views, ports, log] in
            if isFirst.withLock({ first in
                defer { first = false }
                return !first
            }) {
                try await ports.time.sleep(for: Self.interval)
            }
            var now: [String: Data] = [:]
            do {
                now["farm"] = try await views.farmJSON()
                if let job { now["job"] = try await views.jobJSON(job) }
            } catch let error as PortError {
                log.warning("can't read the farm", metadata: ["error": "\(error)"])
                now["trouble"] = try TroubleDocument(error: error.description).json()
            }
            let news = last.withLock { last in
                defer { last = now }
                return now.filter { last[$0.key] != $0.value }
            }
            return news.sorted { $0.key < $1.key }
                .reduce(into: Array(": alive\n\n".utf8)) { bytes, event in
                    bytes += EventStream.event(event.key, event.value)
                }
        }
        return HTTPResponse(
            statusCode: .ok,
            headers: [
                .contentType: "text/event-stream", HTTPHeader("Cache-Control"): "no-store",
            ], body: HTTPBodySequence(from: stream, suggestedBufferSize: 64 * 1024))
    }

    private static let interval: Duration = .seconds(1)
}

extension HTTPResponse {
    fileprivate static func json(_ data: Data) -> HTTPResponse {
        HTTPResponse(
            statusCode: .ok,
            headers: [
                .contentType: "application/json", HTTPHeader("Cache-Control"): "no-store",
            ], body: data)
    }

    fileprivate static func missing(_ text: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: .notFound, headers: [.contentType: "text/plain"], body: Data(text.utf8))
    }

    fileprivate static func failure(_ text: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: .serviceUnavailable, headers: [.contentType: "text/plain"],
            body: Data(text.utf8))
    }
}
