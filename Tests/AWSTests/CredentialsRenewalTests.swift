import Testing

@testable import AWS

@Suite struct `Credentials that expire` {
    /// An hour from the start of the test's clock.
    private static func keys(_ number: Int) -> Credentials {
        Credentials(
            accessKeyID: "KEY\(number)", secretAccessKey: "s",
            expiration: TestTiming.start.advanced(by: .seconds(3600 * (number + 1))))
    }

    @Test func `are renewed five minutes before their expiration`() async throws {
        let timing = TestTiming()
        let provider = PlannedProvider([.success(Self.keys(0)), .success(Self.keys(1))])
        let chain = CredentialsChain(providers: [provider], timing: timing.timing)
        #expect(try await chain.credentials() == Self.keys(0))
        timing.advance(by: .seconds(3299))
        #expect(try await chain.credentials() == Self.keys(0))
        timing.advance(by: .seconds(1))
        #expect(try await chain.credentials() == Self.keys(1))
        #expect(await provider.fetchCount == 2)
    }

    @Test func `are used until they expire when a renewal fails`() async throws {
        let timing = TestTiming()
        let provider = PlannedProvider([.success(Self.keys(0))])
        let chain = CredentialsChain(providers: [provider], timing: timing.timing)
        _ = try await chain.credentials()
        timing.advance(by: .seconds(3400))
        #expect(try await chain.credentials() == Self.keys(0))
        #expect(try await chain.credentials() == Self.keys(0))
        // The second call did not ask again during the pause.
        #expect(await provider.fetchCount == 2)
        timing.advance(by: .seconds(200))
        await #expect(throws: CredentialsError.self) { try await chain.credentials() }
    }

    @Test func `are renewed when AWS rejects them, but not when it rejects older ones`()
        async throws
    {
        let provider = PlannedProvider([.success(Self.keys(0)), .success(Self.keys(1))])
        let chain = CredentialsChain(providers: [provider], timing: TestTiming().timing)
        _ = try await chain.credentials()
        await chain.reject(Self.keys(0))
        #expect(try await chain.credentials() == Self.keys(1))
        await chain.reject(Self.keys(0))
        #expect(try await chain.credentials() == Self.keys(1))
    }

    @Test func `are read once for all callers that wait`() async throws {
        let provider = PlannedProvider([.success(Self.keys(0))])
        let chain = CredentialsChain(providers: [provider], timing: TestTiming().timing)
        let all = try await withThrowingTaskGroup(of: Credentials.self) { group in
            for _ in 0..<50 {
                group.addTask { try await chain.credentials() }
            }
            var all: [Credentials] = []
            for try await one in group { all.append(one) }
            return all
        }
        #expect(all == [Credentials](repeating: Self.keys(0), count: 50))
        #expect(await provider.fetchCount == 1)
    }

    @Test func `reach the other callers when the caller that reads them is canceled`() async throws
    {
        let provider = PlannedProvider([.failure(.canceled), .success(Self.keys(0))])
        let chain = CredentialsChain(providers: [provider], timing: TestTiming().timing)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        return try await chain.credentials() == Self.keys(0)
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.filter { !$0 }.count == 1)
    }

    @Test func `are not read from the next source when a source fails`() async throws {
        let first = PlannedProvider([.failure(.failed("broken"))])
        let second = PlannedProvider([.success(Self.keys(0))])
        let chain = CredentialsChain(providers: [first, second], timing: TestTiming().timing)
        await #expect(throws: CredentialsError.self) { try await chain.credentials() }
        #expect(await second.fetchCount == 0)
    }
}

/// Answers in order, and yields often before each answer so that other callers can ask.
private actor PlannedProvider: CredentialsProvider {
    nonisolated let name = "planned"
    private var outcomes: [Result<Credentials, CredentialsProviderError>]
    private(set) var fetchCount = 0

    init(_ outcomes: [Result<Credentials, CredentialsProviderError>]) {
        self.outcomes = outcomes
    }

    func fetch() async throws(CredentialsProviderError) -> Credentials {
        fetchCount += 1
        let outcome = outcomes.isEmpty ? .failure(.failed("no more")) : outcomes.removeFirst()
        for _ in 0..<200 { await Task.yield() }
        return try outcome.get()
    }
}
