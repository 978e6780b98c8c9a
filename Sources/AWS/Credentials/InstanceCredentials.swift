internal import HTTP

/// The credentials of an instance's role, from the metadata service.
struct InstanceCredentials: CredentialsProvider {
    private static let path = "iam/security-credentials/"

    let imds: IMDS

    var name: String { "instance (IMDSv2)" }

    func fetch() async throws(CredentialsProviderError) -> Credentials {
        do {
            guard let roles = try await imds.metadata(Self.path),
                let role = roles.split(whereSeparator: \.isNewline).first
            else { throw CredentialsProviderError.failed("the instance has no role") }
            guard let document = try await imds.metadata(Self.path + role) else {
                throw CredentialsProviderError.failed("no keys for the role \(role)")
            }
            return try RoleCredentialsDocument.credentials(in: Array(document.utf8))
        } catch let error as CredentialsProviderError {
            throw error
        } catch let error as IMDSError {
            if case .unreachable(let cause) = error, cause.kind == .canceled { throw .canceled }
            throw .notSet(error.description)
        } catch {
            preconditionFailure("IMDS throws only its own error: \(error)")
        }
    }
}
