internal import AWS
internal import Farm

/// The farm's kind of error for each of AWS's. `ErrorKind` holds the list of AWS's codes.
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
        switch error.kind {
        case .throttled, .transient: return .unavailable
        case .expiredToken, .clockSkew, .accessDenied, .invalidKeys: return .denied
        case .notFound: return .missing
        case .wrongRegion: return .malformed
        case .other:
            if error.isPreconditionFailure { return .missing }
            return error.status == 0 ? .unavailable : .malformed
        }
    }
}
