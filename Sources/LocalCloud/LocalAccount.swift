package import AWS
package import HTTP
package import Logging

/// The local cloud's address and the keys of its account.
package struct LocalAccount: Sendable {
    package let port: UInt16
    package let accessKey: String
    package let secretKey: String

    package init(port: UInt16, accessKey: String, secretKey: String) {
        self.port = port
        self.accessKey = accessKey
        self.secretKey = secretKey
    }

    /// Reads the account of a cloud that `up` has created.
    package init(_ state: StateFolder) throws(LocalCloudError) {
        guard let text = state.read(state.port), let port = UInt16(text),
            let keys = state.read(state.credentials)?.split(whereSeparator: \.isWhitespace),
            keys.count == 2
        else {
            throw LocalCloudError(
                "use the local cloud in \(state.path)",
                "The folder has no local cloud: run `spotrender local up`.")
        }
        self.init(port: port, accessKey: String(keys[0]), secretKey: String(keys[1]))
    }

    package var endpoint: String { "http://127.0.0.1:\(port)" }

    /// The variables that AWS's own tools read.
    package var environment: [String: String] {
        [
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": LocalSettings.region,
            // Version 1 of the AWS command line reads this variable.
            "AWS_DEFAULT_REGION": LocalSettings.region,
            "AWS_ACCESS_KEY_ID": accessKey,
            "AWS_SECRET_ACCESS_KEY": secretKey,
        ]
    }

    package func client(
        _ transport: any HTTPTransport, _ logger: Logger
    ) throws(AWSError) -> AWSClient {
        try AWSClient(environment: environment, transport: transport, logger: logger)
    }
}
