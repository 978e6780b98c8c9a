/// One place that may hold keys.
protocol CredentialsProvider: Sendable {
    /// As it stands in an error message.
    var name: String { get }

    /// Throws `notSet` when it isn't set up here, so that the next may be asked, and `failed`
    /// when it is but gives nothing: then no other is asked, lest a call run with keys its user
    /// didn't choose.
    func fetch() async throws(CredentialsProviderError) -> Credentials
}

enum CredentialsProviderError: Error, Hashable, Sendable {
    case notSet(String)
    case failed(String)
    case canceled
}
