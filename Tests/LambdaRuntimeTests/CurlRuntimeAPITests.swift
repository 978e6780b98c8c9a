import FarmTesting
import HTTP
import LambdaRuntime
import Logging
import Testing

@Suite struct `The Runtime API over HTTP` {
    private static let next = "/2018-06-01/runtime/invocation/next"
    private static let headers = [
        "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        "LAMBDA-RUNTIME-DEADLINE-MS: 1542409706888",
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:1:function:f",
        "Lambda-Runtime-Trace-Id: Root=1-5bef4de7;Parent=9;Sampled=1",
        "Lambda-Runtime-Client-Context: {\"client\":1}",
        "Lambda-Runtime-Cognito-Identity: {\"id\":2}",
        "Lambda-Runtime-Aws-Tenant-Id: tenant",
    ]
    private static let invocation = ScriptedServer.Step.answer(200, headers: headers, "{}")

    private func api(_ server: ScriptedServer) -> CurlRuntimeAPI {
        CurlRuntimeAPI(host: server.host, transport: MultiTransport())
    }

    private func run(_ server: ScriptedServer, _ handler: TestHandler = .echo) async
        -> RuntimeLoop<CurlRuntimeAPI, TestHandler>.Exit
    {
        await RuntimeLoop(api: api(server), handler: handler, logger: .silent) { _ in }.run()
    }

    @Test func `returns all headers of next`() async throws {
        let server = try ScriptedServer([[Self.invocation]])
        let invocation = try await api(server).nextInvocation()
        #expect(
            invocation
                == Invocation(
                    id: .init("8476a536-e9f4-11e8-9739-2dfe598c3fcd"), event: Array("{}".utf8),
                    deadline: 1_542_409_706_888,
                    functionARN: "arn:aws:lambda:us-east-1:1:function:f",
                    traceID: "Root=1-5bef4de7;Parent=9;Sampled=1", clientContext: "{\"client\":1}",
                    cognitoIdentity: "{\"id\":2}", tenantID: "tenant"))
        #expect(invocation.remaining(at: 1_542_409_706_000) == .milliseconds(888))
        #expect(server.requests.map(\.target) == [Self.next])
        #expect(server.requests.map(\.method) == ["GET"])
    }

    @Test func `reads a chunked, slow event of the largest size`() async throws {
        let head = "HTTP/1.1 200 OK\r\n" + Self.headers.joined(separator: "\r\n")
        let chunked = head + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        let large = [UInt8](repeating: 0x20, count: 6_291_556)
        let server = try ScriptedServer([
            [.dribble(chunked)], [.answer(200, headers: Self.headers, large)],
        ])
        let api = api(server)
        #expect(try await api.nextInvocation().event == Array("{}".utf8))
        #expect(try await api.nextInvocation().event == large)
    }

    @Test(arguments: [
        (0, RuntimeAPIError.missingHeader("Lambda-Runtime-Aws-Request-Id", id: nil)),
        (
            1,
            .missingHeader(
                "Lambda-Runtime-Deadline-Ms", id: .init("8476a536-e9f4-11e8-9739-2dfe598c3fcd"))
        ),
    ])
    func `refuses an invocation without a required header`(
        _ index: Int, _ expected: RuntimeAPIError
    ) async throws {
        var headers = Self.headers
        headers.remove(at: index)
        let server = try ScriptedServer([[.answer(200, headers: headers, "{}")]])
        await #expect(throws: expected) { try await api(server).nextInvocation() }
    }

    @Test func `refuses an ID that would change the path`() async throws {
        var headers = Self.headers
        headers[0] = "Lambda-Runtime-Aws-Request-Id: ../../init/error?"
        let server = try ScriptedServer([[.answer(200, headers: headers, "{}")]])
        await #expect(throws: RuntimeAPIError.self) { try await api(server).nextInvocation() }
    }

    @Test func `sends a response unchanged`() async throws {
        let server = try ScriptedServer([[.answer(202)]])
        try await api(server).respond(to: .init("a-1"), with: Array("{\"ok\":true}".utf8))
        let seen = try #require(server.requests.first)
        #expect(seen.method == "POST")
        #expect(seen.target == "/2018-06-01/runtime/invocation/a-1/response")
        #expect(seen.headers["content-type"] == "application/json")
        #expect(seen.headers["content-length"] == "11")
        #expect(seen.headers["expect"] == nil)
        #expect(seen.text == "{\"ok\":true}")
    }

    @Test func `sends errors with type, cause and body`() async throws {
        let server = try ScriptedServer { _ in [.answer(202)] }
        let report = ErrorReport(.function, "SplitError", message: "no frames")
        try await api(server).report(report, for: .init("a-1"))
        try await api(server).reportInitialization(report)
        #expect(
            server.requests.map(\.target) == [
                "/2018-06-01/runtime/invocation/a-1/error", "/2018-06-01/runtime/init/error",
            ])
        for seen in server.requests {
            #expect(seen.headers["content-type"] == "application/vnd.aws.lambda.error+json")
            #expect(seen.headers["lambda-runtime-function-error-type"] == "Function.SplitError")
            #expect(
                seen.headers["lambda-runtime-function-xray-error-cause"]
                    == #"{"exceptions":[{"message":"no frames","stack":[],"#
                    + #""type":"Function.SplitError"}],"paths":[],"working_directory":"/var/task"}"#
            )
            #expect(
                seen.text == #"{"errorMessage":"no frames","errorType":"Function.SplitError","#
                    + #""stackTrace":[]}"#)
        }
    }

    @Test func `keeps its connection after refusals, and ends on a 500`() async throws {
        let server = try ScriptedServer([
            [Self.invocation], [.answer(413, "{}")], [Self.invocation], [.answer(403)],
            [Self.invocation], [.answer(400)], [Self.invocation], [.answer(202)], [.answer(500)],
        ])
        let exit = await run(server)
        #expect(
            exit == .containerError(.status(500, endpoint: "invocation/next")))
        #expect(Set(server.requests.map(\.connection)) == [0])
        // Only responses and next: no error was sent after the 413.
        #expect(server.requests.filter { $0.target.hasSuffix("/error") }.isEmpty)
        #expect(server.requests.count == 9)
    }

    @Test func `survives Connection: close and a connection closed while idle`() async throws {
        let closing = Self.headers + ["Connection: close"]
        let server = try ScriptedServer([
            [.answer(200, headers: closing, "1"), .close], [.answer(202), .close],
            [Self.invocation], [.answer(202)], [.answer(500)],
        ])
        _ = await run(server)
        #expect(server.requests.map { $0.target == Self.next } == [true, false, true, false, true])
    }

    @Test func `ends when a response breaks off, without sending it again`() async throws {
        let cutOff = "HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n{"
        let server = try ScriptedServer { request in
            request.target == Self.next ? [Self.invocation] : [.send(cutOff), .close]
        }
        guard case .unreachable(.transport) = await run(server) else {
            Issue.record("a response without an answer must end the loop")
            return
        }
        #expect(server.requests.count == 2)
    }

    @Test func `ends when there is no answer`() async throws {
        let server = try ScriptedServer([])
        server.stop()
        guard case .unreachable(.transport(let error)) = await run(server) else {
            Issue.record("a refused connection must end the loop")
            return
        }
        #expect(error.kind == .connect)
    }

    @Test(arguments: [
        "line\nbreak", "\u{0}\u{1}\u{1F}\u{7F}", "Frühling ❄️ 日本", "\"quote\" \\ back",
        "\r\nX-Injected: yes", String(repeating: "🎬", count: 100_000), "",
    ])
    func `sends any message as valid JSON and safe headers`(_ message: String) async throws {
        let server = try ScriptedServer([[Self.invocation], [.answer(202)], [.answer(500)]])
        _ = await run(server, TestHandler { _ in throw Refusal(description: message) })
        let seen = try #require(server.requests.dropFirst().first)
        #expect(seen.target.hasSuffix("/error"))
        #expect(seen.headers["x-injected"] == nil)
        let cause = try #require(seen.headers["lambda-runtime-function-xray-error-cause"])
        #expect(cause.utf8.count <= 65_536)
        #expect(cause.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
        let body = try ErrorBody(seen.body)
        #expect(body.errorMessage == message || body.errorMessage.count == 4_001)
        #expect(try CauseBody(Array(cause.utf8)).exceptions.map(\.message) == [body.errorMessage])
    }
}
