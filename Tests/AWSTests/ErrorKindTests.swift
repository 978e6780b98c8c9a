import Testing

@testable import AWS

@Suite struct `An error code of AWS` {
    /// Every code with its kind, copied by hand: a change of the list must change this one too.
    private static let expected: [String: ErrorKind] = [
        "BandwidthLimitExceeded": .throttled,
        "EC2ThrottledException": .throttled,
        "KmsThrottled": .throttled,
        "LimitExceededException": .throttled,
        "PriorRequestNotComplete": .throttled,
        "ProvisionedThroughputExceeded": .throttled,
        "ProvisionedThroughputExceededException": .throttled,
        "ReplicatedWriteConflictException": .throttled,
        "RequestLimitExceeded": .throttled,
        "RequestThrottled": .throttled,
        "RequestThrottledException": .throttled,
        "SlowDown": .throttled,
        "ThrottledException": .throttled,
        "Throttling": .throttled,
        "ThrottlingError": .throttled,
        "ThrottlingException": .throttled,
        "TooManyRequestsException": .throttled,
        "TransactionInProgressException": .throttled,
        "InternalError": .transient,
        "InternalFailure": .transient,
        "InternalServerError": .transient,
        "RequestTimeout": .transient,
        "RequestTimeoutException": .transient,
        "ResourceContention": .transient,
        "ScalingActivityInProgress": .transient,
        "ServiceUnavailable": .transient,
        "ExpiredToken": .expiredToken,
        "ExpiredTokenException": .expiredToken,
        "TokenRefreshRequired": .expiredToken,
        "RequestExpired": .clockSkew,
        "RequestInTheFuture": .clockSkew,
        "RequestTimeTooSkewed": .clockSkew,
        "AccessDenied": .accessDenied,
        "AccessDeniedException": .accessDenied,
        "AllAccessDisabled": .accessDenied,
        "AuthorizationError": .accessDenied,
        "Forbidden": .accessDenied,
        "OptInRequired": .accessDenied,
        "UnauthorizedOperation": .accessDenied,
        "AuthFailure": .invalidKeys,
        "IncompleteSignature": .invalidKeys,
        "InvalidAccessKeyId": .invalidKeys,
        "InvalidClientTokenId": .invalidKeys,
        "InvalidSecurity": .invalidKeys,
        "InvalidSignatureException": .invalidKeys,
        "InvalidToken": .invalidKeys,
        "MissingAuthenticationToken": .invalidKeys,
        "MissingAuthenticationTokenException": .invalidKeys,
        "NoCredentials": .invalidKeys,
        "SignatureDoesNotMatch": .invalidKeys,
        "UnrecognizedClientException": .invalidKeys,
        "AWS.SimpleQueueService.NonExistentQueue": .notFound,
        "NoSuchBucket": .notFound,
        "NoSuchKey": .notFound,
        "NoSuchUpload": .notFound,
        "NoSuchVersion": .notFound,
        "QueueDoesNotExist": .notFound,
        "ResourceNotFoundException": .notFound,
        "AuthorizationHeaderMalformed": .wrongRegion,
    ]

    @Test func `has one kind, whatever the status`() {
        #expect(ErrorKind.kinds == Self.expected)
        for (code, kind) in Self.expected {
            for status in [0, 400, 403, 404, 500, 503] {
                #expect(ErrorKind(status: status, code: code, message: "") == kind, "\(code)")
            }
        }
    }

    @Test(arguments: [
        (403, ErrorKind.accessDenied), (404, .notFound), (301, .wrongRegion), (307, .wrongRegion),
        (429, .throttled), (500, .transient), (502, .transient), (503, .transient),
        (504, .transient), (400, .other), (412, .other), (0, .other),
    ])
    func `that is not listed takes its kind from the status`(_ status: Int, _ kind: ErrorKind) {
        #expect(ErrorKind(status: status, code: "Unlisted", message: "") == kind)
    }

    @Test func `of a signature is a wrong clock when the message says so`() {
        for message in ["Signature expired: 1 is now earlier than 2", "Signature not yet current"] {
            let kind = ErrorKind(
                status: 400, code: "InvalidSignatureException", message: message)
            #expect(kind == .clockSkew)
        }
    }
}
