package import HTTP
package import Logging

/// What the clients of all services share: region, endpoints, credentials, transport and retries.
///
///     let aws = try AWSClient(environment: environment, transport: transport, logger: logger)
///     let table = DynamoDB(aws), queue = SQS(aws), files = S3(aws)
package struct AWSClient: Sendable {
    package let region: String
    package let endpoints: Endpoints
    package let credentials: any CredentialsSource
    package let transport: any HTTPTransport
    package var retries: CallRetryPolicy
    package let timing: Timing
    package let logger: Logger

    /// Reads the variables that every AWS tool reads.
    ///
    /// - Parameter credentials: `nil` for the usual chain of sources.
    /// - Throws: `AWSError` when no region is set, or when an endpoint is malformed.
    package init(
        environment: [String: String], transport: any HTTPTransport, timing: Timing = .system,
        logger: Logger, credentials: (any CredentialsSource)? = nil
    ) throws(AWSError) {
        let region = try Endpoints.region(environment: environment)
        self.region = region
        endpoints = try Endpoints(region: region, environment: environment)
        self.credentials =
            credentials
            ?? CredentialsChain(environment: environment, transport: transport, timing: timing)
        self.transport = transport
        retries = CallRetryPolicy()
        self.timing = timing
        self.logger = logger
    }
}
