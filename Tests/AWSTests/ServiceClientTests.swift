import HTTP
import Testing

@testable import AWS

@Suite struct `A failed call` {
    private static let throttle = HTTPResponse.json(
        #"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Slow"}"#,
        status: 400)
    private static let sent = HTTPResponse.json(#"{"MessageId":"m-1"}"#)

    @Test(arguments: [
        Result<HTTPResponse, HTTPError>.success(throttle),
        .success(HTTPResponse(status: 503)), .success(HTTPResponse(status: 429)),
        .failure(.fault(.timeout)), .failure(.fault(.connect)), .failure(.fault(.interrupted)),
    ])
    func `is retried when it may succeed`(
        _ failure: Result<HTTPResponse, HTTPError>
    ) async throws {
        let transport = ScriptedTransport([failure, .success(Self.sent)])
        let id = try await SQS(.test(transport)).sendMessage(queue: "q", body: "b")
        #expect(id == "m-1")
        #expect(transport.requests.count == 2)
    }

    @Test(arguments: [
        Result<HTTPResponse, HTTPError>.success(HTTPResponse(status: 400)),
        .success(HTTPResponse(status: 403)), .success(HTTPResponse(status: 404)),
        .failure(.fault(.tls)), .failure(.fault(.canceled)), .failure(.fault(.file)),
    ])
    func `is not retried when it can't succeed`(
        _ failure: Result<HTTPResponse, HTTPError>
    ) async throws {
        let transport = ScriptedTransport([failure, .success(Self.sent)])
        let queue = try SQS(.test(transport))
        await #expect(throws: AWSError.self) {
            try await queue.sendMessage(queue: "q", body: "b")
        }
        #expect(transport.requests.count == 1)
    }

    @Test func `ends after three attempts, with random pauses that double`()
        async throws
    {
        let timing = TestTiming(chance: 0.5)
        let transport = ScriptedTransport(Self.throttle, Self.throttle, Self.throttle, Self.sent)
        let queue = try SQS(.test(transport, timing: timing))
        let error = await #expect(throws: AWSError.self) {
            try await queue.sendMessage(queue: "q", body: "b")
        }
        #expect(error?.code == "ThrottlingException")
        #expect(error?.isRetryable == true)
        #expect(timing.pauses == [.milliseconds(100), .milliseconds(200)])
    }

    @Test func `is signed again for each attempt`() async throws {
        let timing = TestTiming(chance: 0.999)
        let transport = ScriptedTransport([])
        var client = try AWSClient.test(transport, timing: timing)
        client.retries = CallRetryPolicy(attemptsMax: 3, pauseBase: .seconds(2))
        let queue = SQS(client)
        await #expect(throws: AWSError.self) { try await queue.sendMessage(queue: "q", body: "b") }
        let dates = transport.requests.map { $0.header("x-amz-date") }
        #expect(dates == ["20150830T123600Z", "20150830T123601Z", "20150830T123605Z"])
    }

    @Test func `is not retried after its time limit`() async throws {
        let transport = ScriptedTransport([])
        var client = try AWSClient.test(transport, timing: TestTiming(chance: 0.9))
        client.retries = CallRetryPolicy(
            attemptsMax: 9, pauseBase: .seconds(50), pauseMax: .seconds(50))
        let queue = SQS(client)
        await #expect(throws: AWSError.self) { try await queue.sendMessage(queue: "q", body: "b") }
        #expect(transport.requests.count == 2)
        // The rest of the 60 seconds after a pause of 45 seconds.
        #expect(transport.requests.last?.bounds.total == .seconds(15))
    }

    @Test func `spends a budget that all retries share`() async throws {
        let transport = ScriptedTransport([])
        var client = try AWSClient.test(transport)
        client.retries = CallRetryPolicy(attemptsMax: 2)
        let queue = SQS(client)
        for _ in 0..<120 {
            await #expect(throws: AWSError.self) {
                try await queue.sendMessage(queue: "q", body: "b")
            }
        }
        // 500 tokens pay for 100 retries of 5; the last 20 calls are sent once.
        #expect(transport.requests.count == 220)
    }

    @Test func `after a timeout costs twice as much`() async throws {
        let answers = [Result<HTTPResponse, HTTPError>](
            repeating: .failure(.fault(.timeout)), count: 400)
        let transport = ScriptedTransport(answers)
        var client = try AWSClient.test(transport)
        client.retries = CallRetryPolicy(attemptsMax: 2)
        let queue = SQS(client)
        for _ in 0..<60 {
            await #expect(throws: AWSError.self) {
                try await queue.sendMessage(queue: "q", body: "b")
            }
        }
        #expect(transport.requests.count == 110)
    }

    @Test func `with expired keys is sent once more with new keys`() async throws {
        let expired = HTTPResponse.json(
            #"{"__type":"ExpiredTokenException","message":"expired"}"#, status: 400)
        let source = RotatingCredentials()
        let transport = ScriptedTransport(expired, Self.sent)
        let queue = try SQS(.test(transport, credentials: source))
        try await queue.sendMessage(queue: "q", body: "b")
        #expect(transport.requests[0].header("authorization")?.contains("KEY0/") == true)
        #expect(transport.requests[1].header("authorization")?.contains("KEY1/") == true)
    }

    @Test func `with expired keys ends at once when there are no others`() async throws {
        let expired = HTTPResponse.json(
            #"{"__type":"ExpiredTokenException","message":"expired"}"#, status: 400)
        let transport = ScriptedTransport(expired, Self.sent)
        let queue = try SQS(.test(transport))
        let error = await #expect(throws: AWSError.self) {
            try await queue.sendMessage(queue: "q", body: "b")
        }
        #expect(error?.code == "ExpiredToken")
        #expect(transport.requests.count == 1)
    }
}

/// Returns other credentials after every rejection.
private actor RotatingCredentials: CredentialsSource {
    private var generation = 0

    func credentials() -> Credentials {
        Credentials(accessKeyID: "KEY\(generation)", secretAccessKey: "secret")
    }

    func reject(_ credentials: Credentials) {
        generation += 1
    }
}
