import FarmTesting
import Foundation
import HTTP
import Testing

@Suite struct `A transfer of a file` {
    private let folder = TemporaryFolder()

    init() throws {
        try folder.create()
    }

    private func path(_ name: String) -> String { folder.url.appending(path: name).path }

    private func bytes(_ name: String) throws -> [UInt8] {
        Array(try Foundation.Data(contentsOf: folder.url.appending(path: name)))
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        try Foundation.Data(bytes).write(to: folder.url.appending(path: name))
    }

    @Test(arguments: TransportKind.allCases)
    func `sends the requested part`(_ kind: TransportKind) async throws {
        let content = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try write(content, to: "scene")
        let server = try ScriptedServer([[.answer(200)]])
        let body = HTTPRequest.Body.file(path: path("scene"), offset: 5, length: 600_000)
        _ = try await kind.make().send(HTTPRequest(.put, server.url("/k"), body: body))
        let seen = try #require(server.requests.first)
        #expect(seen.method == "PUT")
        #expect(seen.headers["content-length"] == "600000")
        #expect(seen.headers["expect"] == nil)
        #expect(seen.body == Array(content[5..<600_005]))
    }

    @Test(arguments: TransportKind.allCases)
    func `is sent again from its start when an idle connection was closed`(
        _ kind: TransportKind
    ) async throws {
        try write([1, 2, 3, 4], to: "scene")
        let server = try ScriptedServer([[.answer(200), .close], [.answer(200)]])
        let transport = kind.make()
        let body = HTTPRequest.Body.file(path: path("scene"), offset: 0, length: 4)
        for _ in 0..<2 {
            _ = try await transport.send(HTTPRequest(.put, server.url("/k"), body: body))
        }
        #expect(server.requests.map(\.body) == [[1, 2, 3, 4], [1, 2, 3, 4]])
    }

    @Test(arguments: TransportKind.allCases)
    func `fails when the file is missing or too short`(_ kind: TransportKind) async throws {
        try write([1, 2, 3], to: "short")
        let server = try ScriptedServer { _ in [.answer(200)] }
        for name in ["missing", "short"] {
            let body = HTTPRequest.Body.file(path: path(name), offset: 0, length: 4)
            let error = await #expect(throws: HTTPError.self) {
                try await kind.make().send(HTTPRequest(.put, server.url("/k"), body: body))
            }
            #expect(error?.kind == .file)
            #expect(error?.message.contains(path(name)) == true)
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `is received at its offset and leaves the rest unchanged`(_ kind: TransportKind)
        async throws
    {
        try write([9, 9, 9, 9, 9, 9], to: "cache")
        let server = try ScriptedServer([[.answer(206, [1, 2, 3])]])
        let sink = HTTPRequest.Sink.file(path: path("cache"), offset: 2)
        let response = try await kind.make().send(HTTPRequest(.get, server.url("/"), sink: sink))
        #expect(response.body.isEmpty)
        #expect(try bytes("cache") == [9, 9, 1, 2, 3, 9])
    }

    @Test(arguments: TransportKind.allCases)
    func `creates an empty file for an empty answer`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.answer(200)]])
        let sink = HTTPRequest.Sink.file(path: path("empty"), offset: 0)
        _ = try await kind.make().send(HTTPRequest(.get, server.url("/"), sink: sink))
        #expect(try bytes("empty").isEmpty)
    }

    @Test(arguments: TransportKind.allCases)
    func `leaves no file behind when the answer is an error`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.answer(403, "AccessDenied")]])
        let sink = HTTPRequest.Sink.file(path: path("none"), offset: 0)
        let response = try await kind.make().send(HTTPRequest(.get, server.url("/"), sink: sink))
        #expect(response.body == Array("AccessDenied".utf8))
        #expect(!FileManager.default.fileExists(atPath: path("none")))
    }

    @Test(arguments: TransportKind.allCases)
    func `names the path when it can't be written`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.answer(200, "abc")]])
        let sink = HTTPRequest.Sink.file(path: "/dev/full", offset: 0)
        let error = await #expect(throws: HTTPError.self) {
            try await kind.make().send(HTTPRequest(.get, server.url("/"), sink: sink))
        }
        #expect(error?.kind == .file)
        #expect(error?.message.contains("/dev/full") == true)
    }
}
