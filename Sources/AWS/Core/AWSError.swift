package import HTTP

/// A failed call of AWS, with the reason and the next step.
package struct AWSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The service's usual name: "S3", "DynamoDB".
    package let service: String
    /// The API's name of the operation: "PutItem".
    package let operation: String
    /// The HTTP status, or 0 when there was no answer.
    package let status: Int
    /// AWS's error code, or one of this client's: `Unreachable`, `Canceled`, `FileFault`,
    /// `TooLarge`, `NoCredentials`, `NoRegion`, `InvalidRegion`, `InvalidEndpoint`,
    /// `UnreadableAnswer`, `InvalidRequest`, `UnprocessedItems`.
    package let code: String
    package let message: String
    package let requestID: String?
    /// Whether the same call may succeed later. The client has already used up its retries.
    package let isRetryable: Bool
    package let nextStep: String
    package let underlying: HTTPError?
    /// The answer's body, because some errors have further fields. It may hold an item, so it is
    /// never printed.
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

    /// Whether S3's condition `If-Match` or `If-None-Match` did not hold.
    package var isPreconditionFailure: Bool { status == 412 }

    package var isCanceled: Bool { code == "Canceled" }

    static func configuration(_ code: String, _ message: String, nextStep: String) -> AWSError {
        AWSError(
            service: "AWS", operation: "configuration", code: code, message: message,
            nextStep: nextStep)
    }
}
