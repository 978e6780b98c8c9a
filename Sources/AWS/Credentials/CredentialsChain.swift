package import HTTP

/// Reads credentials from the sources that every AWS tool uses, in the same order, and renews them
/// before they expire.
///
///     environment ─▶ shared profile ─▶ container ─▶ instance (IMDSv2)
///
/// One caller at a time reads them, and the others wait for its result. When a renewal fails,
/// credentials that are still valid stay in use.
package actor CredentialsChain: CredentialsSource {
    /// How long before their expiration credentials are renewed. An instance's new role credentials
    /// are available by then.
    static let renewalLead: Duration = .seconds(300)
    /// Pause after a failed renewal while the old credentials are still valid.
    static let renewalPause: Duration = .seconds(30)

    private typealias Outcome = Result<Credentials, CredentialsError>

    private let providers: [any CredentialsProvider]
    private let timing: Timing
    private var current: Credentials?
    private var renewAfter: UTCTime?
    private var isFetching = false
    private var waiters: [CheckedContinuation<Outcome, Never>] = []

    package init(
        environment: [String: String], transport: any HTTPTransport, timing: Timing = .system
    ) {
        self.init(
            providers: [
                EnvironmentCredentials(environment: environment),
                ProfileCredentials(environment: environment),
                ContainerCredentials(environment: environment, transport: transport),
                InstanceCredentials(
                    imds: IMDS(environment: environment, transport: transport, timing: timing)),
            ],
            timing: timing)
    }

    init(providers: [any CredentialsProvider], timing: Timing) {
        self.providers = providers
        self.timing = timing
    }

    package func credentials() async throws(CredentialsError) -> Credentials {
        let now = timing.now()
        if let current, renewAfter.map({ now < $0 }) ?? true { return current }
        if isFetching {
            if let current, isUsable(current, at: now) { return current }
            let outcome = await withCheckedContinuation { waiters.append($0) }
            // The caller that read them was canceled. This caller reads them itself.
            if case .failure(let error) = outcome, error.isCanceled, !Task.isCancelled {
                return try await credentials()
            }
            return try outcome.get()
        }
        isFetching = true
        let outcome = settle(await fetch())
        isFetching = false
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            waiter.resume(returning: outcome)
        }
        return try outcome.get()
    }

    package func reject(_ credentials: Credentials) {
        guard current == credentials else { return }
        current = nil
        renewAfter = nil
    }

    /// Stores new credentials. When there are none, returns old ones that are still valid.
    private func settle(_ outcome: Outcome) -> Outcome {
        let now = timing.now()
        switch outcome {
        case .success(let credentials):
            current = credentials
            renewAfter = credentials.expiration.map {
                max($0.advanced(by: .zero - Self.renewalLead), now.advanced(by: .seconds(1)))
            }
            return outcome
        case .failure:
            guard let current, isUsable(current, at: now) else { return outcome }
            renewAfter = now.advanced(by: Self.renewalPause)
            return .success(current)
        }
    }

    private func isUsable(_ credentials: Credentials, at now: UTCTime) -> Bool {
        credentials.expiration.map { now < $0 } ?? true
    }

    private func fetch() async -> Outcome {
        var attempts: [CredentialsError.Attempt] = []
        for provider in providers {
            do throws(CredentialsProviderError) {
                return .success(try await provider.fetch())
            } catch {
                switch error {
                case .notSet(let reason):
                    attempts.append(.init(source: provider.name, outcome: reason))
                case .failed(let reason):
                    attempts.append(.init(source: provider.name, outcome: reason))
                    return .failure(CredentialsError(attempts: attempts))
                case .canceled:
                    attempts.append(.init(source: provider.name, outcome: "canceled"))
                    return .failure(CredentialsError(attempts: attempts, isCanceled: true))
                }
            }
        }
        return .failure(CredentialsError(attempts: attempts))
    }
}
