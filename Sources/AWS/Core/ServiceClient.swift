internal import HTTP
internal import Logging

/// Signs and sends calls, and retries those that may succeed. Every call to AWS goes through here.
struct ServiceClient: Sendable {
    let service: AWSService
    let endpoint: Endpoint
    let timing: Timing
    var logger: Logger { client.logger }
    private let client: AWSClient
    private let signer: Signer
    private let retries: CallRetryPolicy
    private let budget = RetryBudget()

    init(_ client: AWSClient, _ service: AWSService) {
        self.client = client
        self.service = service
        endpoint = client.endpoints.endpoint(of: service)
        timing = client.timing
        signer = Signer(
            service: service.prefix, region: client.region, pathStyle: service.pathStyle)
        retries = client.retries
    }

    /// Sends a call and returns the answer when it is a success.
    ///
    /// - Parameter check: finds an error in an answer with status 200. S3 sends one when it begins
    ///   to answer before the operation is done.
    /// - Throws: `AWSError` for every other answer, and when there is none.
    func send(
        _ call: ServiceCall, check: @Sendable (HTTPResponse) -> HTTPResponse? = { _ in nil }
    ) async throws(AWSError) -> HTTPResponse {
        let start = timing.elapsed()
        var spent = RetryBudget.Price.success
        var renewal = Renewal.notTried
        var attempts = 0
        // The loop ends: `pause` is nil after `attemptsMax` attempts, and keys are renewed once.
        while true {
            let credentials = try await currentCredentials(call)
            if case .from(let old) = renewal, old == credentials {
                throw expired(call)
            }
            let left = call.limit - (timing.elapsed() - start)
            let error: AWSError
            do throws(AWSError) {
                let response = try await attempt(call, credentials, within: left, check: check)
                budget.giveBack(spent)
                return response
            } catch let failure {
                error = failure
            }
            if error.kind == .expiredToken, case .notTried = renewal {
                await client.credentials.reject(credentials)
                renewal = .from(credentials)
                continue
            }
            attempts += 1
            spent = error.underlying?.kind == .timeout ? .retryAfterTimeout : .retry
            guard error.isRetryable,
                let pause = retries.pause(afterAttempts: attempts, chance: timing.chance()),
                timing.elapsed() - start + pause < call.limit, budget.spend(spent)
            else { throw error }
            client.logger.debug(
                "retrying an AWS call",
                metadata: [
                    "service": "\(service.rawValue)", "operation": "\(call.operation)",
                    "code": "\(error.code)", "attempts": "\(attempts)",
                ])
            try await rest(pause, call)
        }
    }

    private enum Renewal {
        case notTried
        case from(Credentials)
    }

    private func attempt(
        _ call: ServiceCall, _ credentials: Credentials, within left: Duration,
        check: @Sendable (HTTPResponse) -> HTTPResponse?
    ) async throws(AWSError) -> HTTPResponse {
        let decoding = ErrorDecoding(
            call: call, service: service, region: client.region, now: timing.now())
        var request = signer.sign(
            call.request, payloadHash: call.payloadHash, credentials: credentials,
            at: timing.now())
        request.headers.append(HTTPField("User-Agent", "spotrender"))
        let total = request.bounds.total.map { min($0, left) } ?? left
        request.bounds.total = max(total, .milliseconds(1))
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.transport.send(request)
        } catch {
            throw decoding.error(from: error)
        }
        guard response.isSuccess else { throw decoding.error(from: response) }
        if let failure = check(response) { throw decoding.error(from: failure) }
        return response
    }

    private func currentCredentials(_ call: ServiceCall) async throws(AWSError) -> Credentials {
        do throws(CredentialsError) {
            return try await client.credentials.credentials()
        } catch {
            throw AWSError(
                service: service.rawValue, operation: call.operation,
                code: error.isCanceled ? "Canceled" : "NoCredentials",
                message: error.description,
                nextStep: "Nothing was sent.")
        }
    }

    private func expired(_ call: ServiceCall) -> AWSError {
        AWSError(
            service: service.rawValue, operation: call.operation, status: 403,
            code: "ExpiredToken",
            message: "The credentials have expired, and there are no new ones",
            nextStep: "Log in again, or get new keys. These have expired.")
    }

    private func rest(_ pause: Duration, _ call: ServiceCall) async throws(AWSError) {
        do throws(CancellationError) {
            try await timing.pause(pause)
        } catch {
            throw AWSError(
                service: service.rawValue, operation: call.operation, code: "Canceled",
                message: "Canceled between two attempts",
                nextStep: "The caller canceled the call.")
        }
    }
}
