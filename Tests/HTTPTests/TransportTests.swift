import FarmTesting
import HTTP
import Testing

@Suite struct `A transport` {
    @Test(arguments: TransportKind.allCases)
    func `returns status, headers and body`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([
            [.answer(203, headers: ["X-One:  two ", "x-empty:"], "hello")]
        ])
        let response = try await kind.make().send(HTTPRequest(.get, server.url("/a?b=c")))
        #expect(response.status == 203)
        #expect(response.header("X-ONE") == "two")
        #expect(response.header("X-Empty") == "")
        #expect(response.body == Array("hello".utf8))
    }

    @Test(arguments: TransportKind.allCases)
    func `sends the given headers and no others`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.answer(200)]])
        let target = "/bucket/a/../b%2Fc%20d//e?list&x=%2B"
        let request = HTTPRequest(
            .post, server.url(target), headers: [HTTPField("X-A", "1"), HTTPField("X-Empty", "")],
            body: .bytes([0, 1, 0, 255]))
        _ = try await kind.make().send(request)
        let seen = try #require(server.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.target == target)
        #expect(seen.body == [0, 1, 0, 255])
        #expect(
            seen.headers == [
                "host": server.host, "x-a": "1", "x-empty": "", "content-length": "4",
            ])
    }

    @Test(arguments: TransportKind.allCases)
    func `sends every method`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer { _ in [.answer(200)] }
        let transport = kind.make()
        for method in [HTTPRequest.Method.get, .head, .put, .post, .delete] {
            _ = try await transport.send(HTTPRequest(method, server.url("/")))
        }
        #expect(server.requests.map(\.method) == ["GET", "HEAD", "PUT", "POST", "DELETE"])
        #expect(
            server.requests.map { $0.headers["content-length"] } == [nil, nil, "0", "0", nil])
    }

    @Test(arguments: TransportKind.allCases)
    func `keeps its connection after every status`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([
            [.answer(200, "a")], [.answer(500, "b")], [.answer(413)], [.answer(200)],
        ])
        let transport = kind.make()
        for _ in 0..<4 {
            let body = HTTPRequest.Body.bytes(Array(repeating: 7, count: 100_000))
            _ = try await transport.send(HTTPRequest(.post, server.url("/"), body: body))
        }
        #expect(server.requests.map(\.connection) == [0, 0, 0, 0])
    }

    @Test(arguments: TransportKind.allCases)
    func `opens a new connection after Connection: close`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([
            [.answer(200, headers: ["Connection: close"], "a"), .close], [.answer(200, "b")],
        ])
        let transport = kind.make()
        let first = try await transport.send(HTTPRequest(.get, server.url("/")))
        let second = try await transport.send(HTTPRequest(.get, server.url("/")))
        #expect([first.body, second.body] == [Array("a".utf8), Array("b".utf8)])
        #expect(server.requests.map(\.connection) == [0, 1])
    }

    @Test(arguments: TransportKind.allCases)
    func `opens a new connection when an idle one was closed`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer([[.answer(200), .close], [.answer(200, "b")]])
        let transport = kind.make()
        let request = HTTPRequest(.post, server.url("/"), body: .bytes([1, 2, 3]))
        _ = try await transport.send(request)
        let second = try await transport.send(request)
        #expect(second.body == Array("b".utf8))
        #expect(server.requests.map(\.body) == [[1, 2, 3], [1, 2, 3]])
    }

    @Test(arguments: TransportKind.allCases)
    func `reads slow and chunked bodies`(_ kind: TransportKind) async throws {
        let chunked = """
            HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n
            """
        let server = try ScriptedServer([[.dribble(chunked)]])
        let response = try await kind.make().send(HTTPRequest(.get, server.url("/")))
        #expect(response.body == Array("abcd".utf8))
    }

    @Test(arguments: TransportKind.allCases)
    func `skips interim answers`(_ kind: TransportKind) async throws {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        let server = try ScriptedServer([[.send(interim), .answer(200, headers: ["A: b"])]])
        let response = try await kind.make().send(HTTPRequest(.get, server.url("/")))
        #expect(response.status == 200)
        #expect(response.header("link") == nil)
    }

    @Test(arguments: TransportKind.allCases)
    func `returns a redirect to its caller`(_ kind: TransportKind) async throws {
        let server = try ScriptedServer { _ in [.answer(307, headers: ["Location: /elsewhere"])] }
        let response = try await kind.make().send(HTTPRequest(.get, server.url("/")))
        #expect(response.status == 307)
        #expect(server.requests.count == 1)
    }
}
