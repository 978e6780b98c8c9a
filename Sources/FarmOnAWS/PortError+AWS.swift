internal import AWS
internal import Farm

/// What AWS's errors mean to the farm: the one place that says so.
extension PortError {
    init(_ error: AWSError, _ operation: String) {
        self.init(Self.kind(error), operation, error.description)
    }

    init(_ error: DynamoDBError, _ operation: String) {
        switch error {
        case .call(let error): self.init(error, operation)
        case .conditionFailed: self.init(.malformed, operation, error.description)
        case .transactionCanceled:
            self.init(error.isRetryable ? .unavailable : .malformed, operation, error.description)
        }
    }

    init(_ error: IMDSError, _ operation: String) {
        switch error {
        case .status(401, path: _), .status(403, path: _):
            self.init(.denied, operation, error.description)
        case .disabled, .unreachable, .status:
            self.init(.unavailable, operation, error.description)
        case .unreadable: self.init(.malformed, operation, error.description)
        }
    }

    private static func kind(_ error: AWSError) -> Kind {
        if error.code == "FileFault" { return .disk }
        if error.isRetryable || error.isCanceled { return .unavailable }
        if error.isNotFound || error.isPreconditionFailure { return .missing }
        if error.status == 403 || denials.contains(error.code) { return .denied }
        return error.status == 0 ? .unavailable : .malformed
    }

    /// Those that don't always come with status 403.
    private static let denials: Set<String> = [
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure",
        "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidClientTokenId",
        "InvalidSignatureException", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "NoCredentials", "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]
}
