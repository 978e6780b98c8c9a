/// What an error's code and status mean for the caller.
///
/// `kinds` is the only list of AWS's error codes by their meaning. The codes of throttling,
/// transient faults and expired tokens are those of AWS's standard retry mode (SDKs and Tools
/// Reference Guide, "Retry behavior").
package enum ErrorKind: Hashable, Sendable, CaseIterable {
    /// Too many calls: the same call succeeds later.
    case throttled
    /// A fault of the service or the network: the same call may succeed later.
    case transient
    /// The credentials were valid once. New ones may help.
    case expiredToken
    /// The machine's clock is wrong, so AWS refuses the signature.
    case clockSkew
    /// The credentials are valid but lack the permission.
    case accessDenied
    /// AWS does not know the credentials or the signature, or there are none.
    case invalidKeys
    case notFound
    case wrongRegion
    case other

    /// The kind of each code whose meaning does not follow from the status.
    package static let kinds: [String: ErrorKind] = {
        var kinds: [String: ErrorKind] = [:]
        for (kind, codes) in codes {
            for code in codes {
                let former = kinds.updateValue(kind, forKey: code)
                precondition(former == nil, "The code \(code) has two kinds.")
            }
        }
        return kinds
    }()

    private static let codes: [(ErrorKind, [String])] = [
        (
            .throttled,
            [
                "BandwidthLimitExceeded", "EC2ThrottledException", "KmsThrottled",
                "LimitExceededException", "PriorRequestNotComplete",
                "ProvisionedThroughputExceededException", "ReplicatedWriteConflictException",
                "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
                "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
                "TooManyRequestsException", "TransactionInProgressException",
                // Reasons of DynamoDB for a canceled transaction.
                "ProvisionedThroughputExceeded", "ThrottlingError",
            ]
        ),
        (
            .transient,
            [
                "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout",
                "RequestTimeoutException", "ResourceContention", "ScalingActivityInProgress",
                "ServiceUnavailable",
            ]
        ),
        (.expiredToken, ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]),
        (.clockSkew, ["RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"]),
        (
            .accessDenied,
            [
                "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError",
                "Forbidden", "OptInRequired", "UnauthorizedOperation",
            ]
        ),
        (
            .invalidKeys,
            [
                "AuthFailure", "IncompleteSignature", "InvalidAccessKeyId",
                "InvalidClientTokenId", "InvalidSecurity", "InvalidSignatureException",
                "InvalidToken", "MissingAuthenticationToken",
                "MissingAuthenticationTokenException", "SignatureDoesNotMatch",
                "UnrecognizedClientException",
                // This client's own: it found no credentials and sent nothing.
                "NoCredentials",
            ]
        ),
        (
            .notFound,
            [
                "AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket", "NoSuchKey",
                "NoSuchUpload", "NoSuchVersion", "QueueDoesNotExist",
                "ResourceNotFoundException",
            ]
        ),
        (.wrongRegion, ["AuthorizationHeaderMalformed"]),
    ]

    /// - Parameters:
    ///   - status: the HTTP status, or 0 when there was no answer.
    ///   - message: the service's text. DynamoDB, SQS and the query services report a wrong clock
    ///     only there.
    package init(status: Int, code: String, message: String) {
        let listed = Self.kinds[code]
        let isSkew = ["Signature expired", "Signature not yet current"].contains {
            message.contains($0)
        }
        self =
            if listed == .throttled || status == 429 {
                .throttled
            } else if listed == .expiredToken {
                .expiredToken
            } else if isSkew {
                .clockSkew
            } else if let listed {
                listed
            } else {
                switch status {
                case 403: .accessDenied
                case 404: .notFound
                case 301, 307: .wrongRegion
                case 500, 502, 503, 504: .transient
                default: .other
                }
            }
    }

    /// Whether the same call may succeed later.
    package var isRetryable: Bool { self == .throttled || self == .transient }
}
