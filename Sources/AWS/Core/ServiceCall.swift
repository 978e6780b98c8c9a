internal import HTTP

/// One call of a service, before it is signed.
struct ServiceCall: Sendable {
    /// The API's name: "GetObject".
    var operation: String
    /// IAM's name, for the error of one who may not: "s3:GetObject".
    var action: String
    var request: HTTPRequest
    /// SHA-256 of the body in hexadecimal.
    var payloadHash: String
    /// For all attempts and pauses together.
    var limit: Duration

    var isRead: Bool { request.method == .get || request.method == .head }
}
