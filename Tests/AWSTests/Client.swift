import HTTP
import Logging

@testable import AWS

extension AWSClient {
    /// A client with fixed keys and its own clock.
    static func test(
        _ transport: any HTTPTransport, environment: [String: String] = [:],
        timing: TestTiming = TestTiming(), credentials: (any CredentialsSource)? = nil
    ) throws -> AWSClient {
        try test(
            transport, environment: environment, timing: timing.timing, credentials: credentials)
    }

    static func test(
        _ transport: any HTTPTransport, environment: [String: String], timing: Timing,
        credentials: (any CredentialsSource)?
    ) throws -> AWSClient {
        try AWSClient(
            environment: ["AWS_REGION": "us-east-1"].merging(environment) { $1 },
            transport: transport, timing: timing,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            credentials: credentials
                ?? StaticCredentials(
                    Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")))
    }
}

extension S3 {
    /// In us-east-1, where creating a bucket needs no location constraint.
    func createBucket(_ bucket: String) async throws {
        _ = try await send(
            Request(
                "CreateBucket", action: "s3:CreateBucket", .put, Object(bucket: bucket, key: "")))
    }
}
