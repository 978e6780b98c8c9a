/// STS: credentials of a role. Source: API version 2011-06-15, the region's endpoint.
package struct STS: Sendable {
    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .sts)
    }

    /// Returns temporary credentials of a role.
    ///
    /// - Parameters:
    ///   - session: the session's name in AWS's logs: 2 to 64 letters, digits and `=,.@-_`.
    ///   - seconds: 900 to 43,200, and not more than the role allows.
    package func assumeRole(
        _ role: String, session: String, seconds: Int = 3600
    ) async throws(AWSError) -> Credentials {
        let operation = "AssumeRole"
        let result = try await service.query(
            operation,
            [
                ("DurationSeconds", String(seconds)), ("RoleArn", role),
                ("RoleSessionName", session),
            ])
        guard let keys = result["Credentials"], let id = keys["AccessKeyId"]?.text,
            let secret = keys["SecretAccessKey"]?.text, let token = keys["SessionToken"]?.text,
            let expiration = keys["Expiration"].flatMap({ UTCTime(iso8601: $0.text) })
        else { throw service.missing("Credentials", in: operation) }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: expiration)
    }
}
