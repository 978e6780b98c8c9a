/// STS: who one is, and keys of a role. Source: API version 2011-06-15, the region's endpoint.
package struct STS: Sendable {
    package struct Identity: Hashable, Sendable {
        package let account: String
        package let arn: String
        package let userID: String

        package init(account: String, arn: String, userID: String) {
            self.account = account
            self.arn = arn
            self.userID = userID
        }
    }

    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .sts)
    }

    /// Whose keys these are. Needs no permission.
    package func getCallerIdentity() async throws(AWSError) -> Identity {
        let operation = "GetCallerIdentity"
        let result = try await service.query(operation, [])
        guard let account = result["Account"]?.text, let arn = result["Arn"]?.text,
            let userID = result["UserId"]?.text
        else { throw service.missing("Account, Arn or UserId", in: operation) }
        return Identity(account: account, arn: arn, userID: userID)
    }

    /// Keys of a role.
    ///
    /// - Parameters:
    ///   - session: Its name in AWS's logs: letters, digits and `=,.@-_`, 2 to 64 of them.
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
