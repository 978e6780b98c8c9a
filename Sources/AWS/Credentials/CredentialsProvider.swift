/// One source that may have credentials.
protocol CredentialsProvider: Sendable {
    /// The source's name in an error message.
    var name: String { get }

    /// - Throws: `notSet` when the source is not set up: the chain then tries the next one.
    ///   `failed` when the source is set up but gives no credentials: the chain then stops, because
    ///   a call must not run with credentials that the user did not choose.
    func fetch() async throws(CredentialsProviderError) -> Credentials
}

enum CredentialsProviderError: Error, Hashable, Sendable {
    case notSet(String)
    case failed(String)
    case canceled
}
