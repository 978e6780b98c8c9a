import FarmTesting
import LambdaRuntime
import Testing

@Suite struct `A Lambda's main` {
    private struct MissingSetting: Error, CustomStringConvertible {
        let description = "SPOTRENDER_TABLE is not set"
    }

    @Test func `names the missing variable when there is no Runtime API`() async {
        let status = await LambdaMain.run(environment: [:]) { _ in TestHandler.echo }
        #expect(status == 64)
    }

    @Test func `reports why it could not start`() async throws {
        let server = try ScriptedServer([[.answer(202)]])
        let environment = ["AWS_LAMBDA_RUNTIME_API": server.host]
        let status = await LambdaMain.run(environment: environment) { _ -> TestHandler in
            throw MissingSetting()
        }
        #expect(status == 1)
        #expect(server.requests.map(\.target) == ["/2018-06-01/runtime/init/error"])
        let body = try ErrorBody(try #require(server.requests.first).body)
        #expect(body.errorType == "Function.MissingSetting")
        #expect(body.errorMessage == "SPOTRENDER_TABLE is not set")
    }

    @Test func `serves until Lambda answers 500`() async throws {
        let headers = ["Lambda-Runtime-Aws-Request-Id: a", "Lambda-Runtime-Deadline-Ms: 1"]
        let server = try ScriptedServer([
            [.answer(200, headers: headers, "[1]")], [.answer(202)], [.answer(500)],
        ])
        let environment = ["AWS_LAMBDA_RUNTIME_API": server.host, "KEY": "value"]
        let status = await LambdaMain.run(environment: environment) { start in
            #expect(start.environment["KEY"] == "value")
            return TestHandler.echo
        }
        #expect(status == 1)
        #expect(server.requests.dropFirst().first?.text == "[1]")
    }
}
