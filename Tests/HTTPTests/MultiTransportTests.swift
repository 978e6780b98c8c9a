import FarmTesting
import HTTP
import Synchronization
import Testing

@Suite struct `A multi transport` {
    @Test func `returns the right answer to each of many requests`() async throws {
        let server = try ScriptedServer { [.answer(200, $0.target)] }
        let transport = MultiTransport(requestsMax: 4)
        let bodies = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for number in 0..<100 {
                group.addTask {
                    let request = HTTPRequest(.get, server.url("/\(number)"))
                    return (number, try await transport.send(request).body)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(bodies.count == 100)
        #expect(bodies.allSatisfy { $0.value == Array("/\($0.key)".utf8) })
        #expect(Set(server.requests.map(\.connection)).count <= 4)
    }

    @Test func `keeps its bound on concurrent requests`() async throws {
        let gate = ScriptedServer.Gate()
        let bothArrived = ScriptedServer.Gate()
        let arrived = Atomic(0)
        let server = try ScriptedServer { _ in
            if arrived.add(1, ordering: .relaxed).newValue == 2 { bothArrived.open() }
            return [.hold(gate), .answer(200)]
        }
        let transport = MultiTransport(requestsMax: 2)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await transport.send(HTTPRequest(.get, server.url("/"))).status
                }
            }
            await bothArrived.opened()
            #expect(server.requests.count == 2)
            gate.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == [200, 200, 200, 200, 200, 200])
    }

    @Test func `ends a canceled request that is still waiting`() async throws {
        let gate = ScriptedServer.Gate()
        let arrived = ScriptedServer.Gate()
        let server = try ScriptedServer { _ in
            arrived.open()
            return [.hold(gate), .answer(200)]
        }
        let transport = MultiTransport(requestsMax: 1)
        async let first = transport.send(HTTPRequest(.get, server.url("/first")))
        await arrived.opened()
        let kinds = await withTaskGroup(of: HTTPError.Kind?.self) { group in
            group.addTask {
                do throws(HTTPError) {
                    _ = try await transport.send(HTTPRequest(.get, server.url("/second")))
                    return nil
                } catch {
                    return error.kind
                }
            }
            group.cancelAll()
            return await group.reduce(into: []) { $0.append($1) }
        }
        gate.open()
        #expect(kinds == [.canceled])
        #expect(try await first.status == 200)
        #expect(server.requests.map(\.target) == ["/first"])
    }
}
