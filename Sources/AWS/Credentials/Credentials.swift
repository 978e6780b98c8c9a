/// An access key, temporary or permanent. It prints `<redacted>`, also in a debugger and in tests.
package struct Credentials: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Set for the keys of a role.
    package let sessionToken: String?
    /// `nil` for permanent keys.
    package let expiration: UTCTime?

    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil,
        expiration: UTCTime? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Gives a client its credentials. The client asks before every attempt of every call.
package protocol CredentialsSource: Sendable {
    func credentials() async throws(CredentialsError) -> Credentials

    /// Called when AWS has rejected these credentials as expired. The source returns others if it
    /// can.
    func reject(_ credentials: Credentials) async
}

/// Credentials that never change.
package struct StaticCredentials: CredentialsSource {
    private let value: Credentials

    package init(_ value: Credentials) {
        self.value = value
    }

    package func credentials() async throws(CredentialsError) -> Credentials { value }

    package func reject(_ credentials: Credentials) async {}
}
