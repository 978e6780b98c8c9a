package import HTTP

/// Asks for keys where every AWS tool does, in the same order, and renews them before they expire.
///
///     environment ─▶ shared profile ─▶ container ─▶ instance (IMDSv2)
///
/// One caller at a time asks; the others wait for its answer. Keys that still work are handed out
/// when a renewal fails.
package actor CredentialsChain: CredentialsSource {
    /// How long before their end keys are renewed: role keys of an instance are ready by then.
    static let renewalLead: Duration = .seconds(300)
    /// Pause after a renewal that failed while the old keys still work.
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
            // The caller that asked was canceled: that is no reason for this one to give up.
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

    /// Keeps what was fetched; falls back to keys that still work.
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
