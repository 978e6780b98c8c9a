/// Credentials in a shared profile.
struct ProfileCredentials: CredentialsProvider {
    let environment: [String: String]

    var name: String { "shared profile" }

    func fetch() async throws(CredentialsProviderError) -> Credentials {
        let profile = SharedProfile(environment: environment)
        guard let settings = profile.settings else {
            let reason =
                "no profile \"\(profile.name)\" in \(profile.paths.joined(separator: ", "))"
            throw profile.isNamed ? .failed(reason) : .notSet(reason)
        }
        guard let id = settings.nonEmpty("aws_access_key_id") else {
            let other = ["role_arn", "sso_session", "sso_start_url", "credential_process"]
                .first { settings[$0] != nil }
            guard let other else {
                throw .notSet("profile \"\(profile.name)\" holds no aws_access_key_id")
            }
            throw .failed(
                "profile \"\(profile.name)\" uses \(other), which Spotrender does not read; run"
                    + " `aws configure export-credentials --profile \(profile.name) --format env`")
        }
        guard let secret = settings.nonEmpty("aws_secret_access_key") else {
            throw .failed("profile \"\(profile.name)\" lacks aws_secret_access_key")
        }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret,
            sessionToken: settings.nonEmpty("aws_session_token"))
    }
}
