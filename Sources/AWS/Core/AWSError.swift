package import HTTP

/// A call of AWS that failed: what, where, why, and what to do.
package struct AWSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As people know it: "S3", "DynamoDB".
    package let service: String
    /// The API's name: "PutItem".
    package let operation: String
    /// HTTP's; 0 when there was no answer.
    package let status: Int
    /// AWS's name of the error, or ours: `Unreachable`, `Canceled`, `FileFault`, `TooLarge`,
    /// `NoCredentials`, `NoRegion`, `InvalidRegion`, `InvalidEndpoint`, `UnreadableAnswer`,
    /// `InvalidRequest`, `UnprocessedItems`.
    package let code: String
    package let message: String
    package let requestID: String?
    /// The same call may succeed later. The client has already tried as often as it may.
    package let isRetryable: Bool
    package let nextStep: String
    package let underlying: HTTPError?
    /// The answer's body, for the fields some errors add. Never printed: it may hold an item.
    let body: [UInt8]

    init(
        service: String, operation: String, status: Int = 0, code: String, message: String,
        requestID: String? = nil, isRetryable: Bool = false, nextStep: String,
        underlying: HTTPError? = nil, body: [UInt8] = []
    ) {
        self.service = service
        self.operation = operation
        self.status = status
        self.code = code
        self.message = message
        self.requestID = requestID
        self.isRetryable = isRetryable
        self.nextStep = nextStep
        self.underlying = underlying
        self.body = body
    }

    package var description: String {
        var text = "\(service) \(operation) failed: \(code)"
        if status != 0 { text += " (HTTP \(status))" }
        if !message.isEmpty { text += ": \(message)" }
        if let requestID { text += " [request \(requestID)]" }
        return "\(text). \(nextStep)"
    }

    package var kind: ErrorKind { ErrorKind(status: status, code: code, message: message) }

    /// The object, bucket, queue or table does not exist.
    package var isNotFound: Bool { kind == .notFound }

    /// An `ifMatch` or `ifNoneMatch` of S3 did not hold.
    package var isPreconditionFailure: Bool { status == 412 }

    package var isCanceled: Bool { code == "Canceled" }

    static func configuration(_ code: String, _ message: String, nextStep: String) -> AWSError {
        AWSError(
            service: "AWS", operation: "configuration", code: code, message: message,
            nextStep: nextStep)
    }
}
