import HTTP
import LambdaRuntime
import Logging
import Synchronization
import Testing

@Suite struct `The runtime loop` {
    private static let unreachable = RuntimeAPIError.transport(
        HTTPError(kind: .connect, code: 7, operation: "GET next", message: "refused"))

    private func run(
        _ api: ScriptedRuntimeAPI, _ handler: TestHandler = .echo,
        setTraceID: @escaping @Sendable (String?) -> Void = { _ in }
    ) async -> RuntimeLoop<ScriptedRuntimeAPI, TestHandler>.Exit {
        await RuntimeLoop(api: api, handler: handler, logger: .silent, setTraceID: setTraceID).run()
    }

    @Test func `answers one invocation after the other, and ends at once on a 500`() async {
        let api = ScriptedRuntimeAPI([
            .success(.sample("a", event: [1])), .success(.sample("b", event: [2])),
        ])
        #expect(await run(api) == .containerError(ScriptedRuntimeAPI.end))
        #expect(api.calls == [.respond(.init("a"), [1]), .respond(.init("b"), [2])])
    }

    @Test func `reports a handler's error and goes on`() async {
        let api = ScriptedRuntimeAPI([.success(.sample("a")), .success(.sample("b"))])
        _ = await run(
            api,
            TestHandler { invocation in
                if invocation.id == .init("a") { throw Refusal(description: "no") }
                return []
            })
        #expect(
            api.calls == [
                .report(.init("a"), type: "Function.Refusal"), .respond(.init("b"), []),
            ])
    }

    @Test func `sets the trace during its invocation only`() async {
        let traces = Mutex<[String?]>([])
        let api = ScriptedRuntimeAPI([
            .success(.sample("a", traceID: "Root=1")), .success(.sample("b")),
        ])
        _ = await run(
            api,
            TestHandler { _ in
                traces.withLock { $0.append("handled") }
                return []
            }, setTraceID: { trace in traces.withLock { $0.append(trace) } })
        #expect(traces.withLock { $0 } == ["Root=1", "handled", nil, nil, "handled", nil])
    }

    @Test func `gives the invocation to the code that it calls`() async {
        let seen = Mutex<[String?]>([])
        let api = ScriptedRuntimeAPI([.success(.sample("a"))])
        _ = await run(
            api,
            TestHandler { _ in
                seen.withLock { $0.append(CurrentInvocation.requestID) }
                return []
            })
        #expect(seen.withLock { $0 } == ["a"])
        #expect(CurrentInvocation.requestID == nil)
    }

    @Test(arguments: [6_291_556, 6_291_557])
    func `reports a response above the limit instead of sending it`(_ count: Int) async {
        let api = ScriptedRuntimeAPI([.success(.sample("a"))])
        let body = [UInt8](repeating: 32, count: count)
        _ = await run(api, TestHandler { _ in body })
        #expect(
            api.calls == [
                count == 6_291_556
                    ? .respond(.init("a"), body)
                    : .report(.init("a"), type: "Function.ResponseSizeTooLarge")
            ])
    }

    @Test(arguments: [400, 403, 413, 502])
    func `goes on when a response is refused, and sends nothing more for it`(_ status: Int) async {
        let api = ScriptedRuntimeAPI(
            [.success(.sample("a", event: [1])), .success(.sample("b", event: [2]))],
            refusals: [.status(status, endpoint: "response")])
        #expect(await run(api) == .containerError(ScriptedRuntimeAPI.end))
        #expect(api.calls == [.respond(.init("a"), [1]), .respond(.init("b"), [2])])
    }

    @Test(arguments: [
        (RuntimeAPIError.status(500, endpoint: "response"), true),
        (`The runtime loop`.unreachable, false),
    ])
    func `ends when Lambda fails, and sends no outcome twice`(
        _ error: RuntimeAPIError, _ isContainerError: Bool
    ) async {
        let api = ScriptedRuntimeAPI(
            [.success(.sample("a", event: [1])), .success(.sample("b"))], refusals: [error])
        #expect(await run(api) == (isContainerError ? .containerError(error) : .unreachable(error)))
        #expect(api.calls == [.respond(.init("a"), [1])])
    }

    @Test func `tries next three times in a row, and counts again after a success`() async {
        let fault = ScriptedRuntimeAPI.Next.failure(Self.unreachable)
        let api = ScriptedRuntimeAPI([
            fault, fault, .success(.sample("a")), fault, fault, fault, .success(.sample("b")),
        ])
        #expect(await run(api) == .unreachable(Self.unreachable))
        #expect(api.calls == [.respond(.init("a"), [])])
    }

    @Test func `reports an invocation that lacks its deadline and goes on`() async {
        let fault = RuntimeAPIError.missingHeader("Lambda-Runtime-Deadline-Ms", id: .init("a"))
        let api = ScriptedRuntimeAPI([.failure(fault), .success(.sample("b"))])
        _ = await run(api)
        #expect(
            api.calls == [
                .report(.init("a"), type: "Runtime.InvalidInvocation"), .respond(.init("b"), []),
            ])
    }

    @Test func `ends when its task is canceled`() async {
        let api = ScriptedRuntimeAPI([.success(.sample("a")), .success(.sample("b"))])
        let exit = await withTaskGroup { group in
            group.addTask {
                await self.run(
                    api,
                    TestHandler { _ in
                        unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                        return []
                    })
            }
            return await group.next()
        }
        #expect(exit == .canceled)
        #expect(api.calls == [.respond(.init("a"), [])])
    }
}
