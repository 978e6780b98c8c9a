/// An access key, for some hours or for good. Prints `<redacted>`, also in a debugger or a test.
package struct Credentials: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Comes with keys of a role.
    package let sessionToken: String?
    /// `nil` for keys that don't expire.
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

/// Where a client gets its keys, anew for every attempt of every call.
package protocol CredentialsSource: Sendable {
    func credentials() async throws(CredentialsError) -> Credentials

    /// AWS said that these have expired: don't hand them out again if there are others.
    func reject(_ credentials: Credentials) async
}

/// Keys that are known and don't change.
package struct StaticCredentials: CredentialsSource {
    private let value: Credentials

    package init(_ value: Credentials) {
        self.value = value
    }

    package func credentials() async throws(CredentialsError) -> Credentials { value }

    package func reject(_ credentials: Credentials) async {}
}
