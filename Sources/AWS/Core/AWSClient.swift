package import HTTP
package import Logging

/// What every service's client needs: where to call, with which keys, and how.
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

    /// Goes by the variables that every AWS tool goes by.
    ///
    /// - Parameter credentials: `nil` for the usual chain.
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
