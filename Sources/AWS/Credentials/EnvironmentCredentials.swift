/// `AWS_ACCESS_KEY_ID` and the variables that belong to it. Lambda sets them for a function.
struct EnvironmentCredentials: CredentialsProvider {
    let environment: [String: String]

    var name: String { "environment" }

    func fetch() async throws(CredentialsProviderError) -> Credentials {
        guard let id = environment.nonEmpty("AWS_ACCESS_KEY_ID") else {
            throw .notSet("AWS_ACCESS_KEY_ID is not set")
        }
        guard let secret = environment.nonEmpty("AWS_SECRET_ACCESS_KEY") else {
            throw .failed("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
        }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret,
            sessionToken: environment.nonEmpty("AWS_SESSION_TOKEN"))
    }
}

extension [String: String] {
    /// An empty variable counts as not set, as in AWS's tools.
    func nonEmpty(_ name: String) -> String? {
        guard let value = self[name], !value.isEmpty else { return nil }
        return value
    }
}
