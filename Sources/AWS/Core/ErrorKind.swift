/// What an error's code and status mean for the caller.
///
/// The lists are those of AWS's standard retry mode (SDKs and Tools Reference Guide, "Retry
/// behavior").
enum ErrorKind: Hashable, Sendable {
    case throttled
    case transient
    /// New keys may help.
    case expiredToken
    case clockSkew
    case accessDenied
    case invalidKeys
    case notFound
    case wrongRegion
    case other

    private static let throttles: Set<String> = [
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException",
        "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
        "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown",
        "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
        "TransactionInProgressException", "KmsThrottled", "ReplicatedWriteConflictException",
    ]
    private static let transients: Set<String> = [
        "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout",
        "RequestTimeoutException", "ServiceUnavailable", "ScalingActivityInProgress",
        "ResourceContention",
    ]
    private static let expired: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired",
    ]
    private static let skews: Set<String> = [
        "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
    ]
    private static let denials: Set<String> = [
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
        "AllAccessDisabled", "Forbidden", "OptInRequired",
    ]
    private static let badKeys: Set<String> = [
        "InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure",
        "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignature",
        "MissingAuthenticationToken", "InvalidToken", "MissingAuthenticationTokenException",
        "InvalidSecurity",
    ]

    init(status: Int, code: String, message: String) {
        // DynamoDB, SQS and the query services say a clock is wrong only in the message.
        let isSkew = ["Signature expired", "Signature not yet current"].contains {
            message.contains($0)
        }
        self =
            if Self.throttles.contains(code) || status == 429 {
                .throttled
            } else if Self.expired.contains(code) {
                .expiredToken
            } else if isSkew || Self.skews.contains(code) {
                .clockSkew
            } else if Self.badKeys.contains(code) {
                .invalidKeys
            } else if Self.denials.contains(code) || status == 403 {
                .accessDenied
            } else if Self.transients.contains(code) || [500, 502, 503, 504].contains(status) {
                .transient
            } else if [301, 307].contains(status) || code == "AuthorizationHeaderMalformed" {
                .wrongRegion
            } else if status == 404 {
                .notFound
            } else {
                .other
            }
    }

    var isRetryable: Bool { self == .throttled || self == .transient }
}
