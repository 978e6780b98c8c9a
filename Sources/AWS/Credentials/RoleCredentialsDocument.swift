internal import FoundationEssentials

/// The credentials of a role as JSON, from a container's agent or the metadata service.
struct RoleCredentialsDocument: Decodable {
    let code: String?
    let message: String?
    let accessKeyID: String?
    let secretAccessKey: String?
    let token: String?
    let expiration: String?

    private enum CodingKeys: String, CodingKey {
        case code = "Code"
        case message = "Message"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
    }

    static func credentials(in body: [UInt8]) throws(CredentialsProviderError) -> Credentials {
        let document: RoleCredentialsDocument
        do {
            document = try JSONDecoder().decode(RoleCredentialsDocument.self, from: Data(body))
        } catch {
            throw .failed("the answer does not have the format that AWS documents")
        }
        if let code = document.code, code != "Success" {
            throw .failed("\(code): \(document.message ?? "no reason given")")
        }
        guard let id = document.accessKeyID, let secret = document.secretAccessKey else {
            throw .failed("the answer holds no keys")
        }
        var expiration: UTCTime?
        if let text = document.expiration {
            guard let time = UTCTime(iso8601: text) else {
                throw .failed("the answer's Expiration is not a time: \(text)")
            }
            expiration = time
        }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: document.token,
            expiration: expiration)
    }
}
