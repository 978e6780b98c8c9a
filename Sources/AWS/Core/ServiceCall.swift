internal import HTTP

/// One call of a service, before it is signed.
struct ServiceCall: Sendable {
    /// The API's name of the operation: "GetObject".
    var operation: String
    /// The IAM action, for the error when it is not allowed: "s3:GetObject".
    var action: String
    var request: HTTPRequest
    /// SHA-256 of the body in hexadecimal.
    var payloadHash: String
    /// The time limit for all attempts and pauses together.
    var limit: Duration

    var isRead: Bool { request.method == .get || request.method == .head }
}

/// Time limits of a call: for each attempt, and for all attempts and pauses together.
struct CallLimits: Sendable {
    var attempt = HTTPBounds()
    var total = ServiceClient.limit
}
