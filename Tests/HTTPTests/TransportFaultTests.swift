import FarmTesting
import HTTP
import Testing

@Suite struct `A transport without a complete answer` {
    private func fault(
        _ kind: TransportKind, _ request: HTTPRequest
    ) async throws -> HTTPError {
        let error = await #expect(throws: HTTPError.self) { try await kind.make().send(request) }
        return try #require(error)
    }

    @Test(arguments: TransportKind.allCases)
    func `reports that the connection was refused`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([])
        server.stop()
        let error = try await fault(kind, HTTPRequest(.get, server.url("/a?secret=1")))
        #expect(error.kind == .connect)
        #expect(error.isRetryable)
        #expect(error.operation == "GET http://\(server.host)/a")
        #expect(!error.message.isEmpty)
    }

    @Test(arguments: TransportKind.allCases)
    func `reports a timeout`(_ kind: TransportKind) async throws {
        let gate = ScriptedServer.Gate()
        defer { gate.open() }
        let server = try ScriptedServer { _ in [.hold(gate)] }
        var request = HTTPRequest(.get, server.url("/"))
        request.bounds.total = .milliseconds(50)
        #expect(try await fault(kind, request).kind == .timeout)
    }

    @Test(arguments: TransportKind.allCases)
    func `ends a transfer that stalls`(_ kind: TransportKind) async throws {
        let gate = ScriptedServer.Gate()
        defer { gate.open() }
        let server = try ScriptedServer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), .hold(gate)]
        }
        var request = HTTPRequest(.get, server.url("/"))
        request.bounds = HTTPBounds(connect: nil, total: nil, stall: .seconds(1))
        #expect(try await fault(kind, request).kind == .timeout)
    }

    @Test(arguments: TransportKind.allCases)
    func `reports that the answer was cut off`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), .close]
        ])
        #expect(try await fault(kind, HTTPRequest(.get, server.url("/"))).kind == .interrupted)
    }

    @Test(arguments: TransportKind.allCases)
    func `reports that the connection was reset`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.reset]])
        #expect(try await fault(kind, HTTPRequest(.get, server.url("/"))).kind == .interrupted)
    }

    @Test(arguments: TransportKind.allCases)
    func `refuses a body above its bound, with and without a length`(
        _ kind: TransportKind
    ) async throws {
        let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"
        let server = try ScriptedServer([[.answer(200, "abcde")], [.send(endless)]])
        for _ in 0..<2 {
            let request = HTTPRequest(.get, server.url("/"), sink: .memory(bytesMax: 4))
            let error = try await fault(kind, request)
            #expect(error.kind == .bodyTooLarge)
            #expect(!error.isRetryable)
        }
    }

    @Test(arguments: TransportKind.allCases)
    func `keeps an error's text when the caller's bound is small`(
        _ kind: TransportKind
    ) async throws {
        let server = try ScriptedServer([[.answer(404, "NoSuchKey")]])
        let request = HTTPRequest(.get, server.url("/"), sink: .memory(bytesMax: 0))
        let response = try await kind.make().send(request)
        #expect(response.status == 404)
        #expect(response.body == Array("NoSuchKey".utf8))
    }

    @Test(
        arguments: TransportKind.allCases,
        [
            HTTPRequest(.get, "ftp://127.0.0.1/"),
            HTTPRequest(.get, "file:///etc/passwd"),
            HTTPRequest(.get, "http://127.0.0.1:1/a b"),
            HTTPRequest(.get, "http://127.0.0.1:1/\r\nX: y"),
            HTTPRequest(.get, "http://127.0.0.1:1/", headers: [HTTPField("A", "b\r\nC: d")]),
            HTTPRequest(.get, "http://127.0.0.1:1/", headers: [HTTPField("A: b", "c")]),
        ])
    func `refuses to send a malformed request`(
        _ kind: TransportKind, _ request: HTTPRequest
    ) async throws {
        let error = try await fault(kind, request)
        #expect(error.kind == .other)
        #expect(!error.isRetryable)
    }

    @Test(arguments: TransportKind.allCases)
    func `works again afterwards`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.reset], [.answer(200, "b")]])
        let transport = kind.make()
        await #expect(throws: HTTPError.self) {
            try await transport.send(HTTPRequest(.get, server.url("/")))
        }
        let response = try await transport.send(HTTPRequest(.get, server.url("/")))
        #expect(response.body == Array("b".utf8))
    }

    @Test(arguments: TransportKind.allCases)
    func `ends when its task is canceled`(_ kind: TransportKind) async throws {
        let gate = ScriptedServer.Gate()
        defer { gate.open() }
        let arrived = ScriptedServer.Gate()
        let server = try ScriptedServer { _ in
            arrived.open()
            return [.hold(gate)]
        }
        let transport = kind.make()
        let request = HTTPRequest(
            .get, server.url("/"), bounds: HTTPBounds(connect: nil, total: nil, stall: nil))
        let kinds = await withTaskGroup(of: HTTPError.Kind?.self) { group in
            group.addTask {
                do throws(HTTPError) {
                    _ = try await transport.send(request)
                    return nil
                } catch {
                    return error.kind
                }
            }
            await arrived.opened()
            group.cancelAll()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(kinds == [.canceled])
    }
}
