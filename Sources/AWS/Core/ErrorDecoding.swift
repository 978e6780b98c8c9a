internal import FoundationEssentials
internal import HTTP

/// Turns a failed answer into an `AWSError`.
struct ErrorDecoding: Sendable {
    let call: ServiceCall
    let service: AWSService
    let region: String
    let now: UTCTime

    private typealias Fields = (code: String?, message: String?, requestID: String?)

    func error(from response: HTTPResponse) -> AWSError {
        var fields: Fields =
            switch service {
            case .sqs, .dynamoDB: json(response)
            case .s3, .autoScaling, .ec2, .sts, .sns: xml(response)
            }
        // An answer to HEAD has no body, and a proxy's page is not in AWS's format.
        let code = fields.code ?? Self.code(of: response.status)
        fields.requestID =
            fields.requestID ?? response.header("x-amzn-requestid")
            ?? response.header("x-amz-request-id")
        let message = String((fields.message ?? "").prefix(1_000))
        let kind = ErrorKind(status: response.status, code: code, message: message)
        return AWSError(
            service: service.rawValue, operation: call.operation, status: response.status,
            code: code, message: message, requestID: fields.requestID,
            isRetryable: kind.isRetryable,
            nextStep: nextStep(kind, code: code, response: response), body: response.body)
    }

    func error(from error: HTTPError) -> AWSError {
        let code =
            switch error.kind {
            case .canceled: "Canceled"
            case .file: "FileFault"
            case .bodyTooLarge: "TooLarge"
            case .resolve, .connect, .tls, .timeout, .interrupted, .other: "Unreachable"
            }
        let nextStep =
            switch error.kind {
            case .canceled: "The caller canceled the call."
            case .resolve, .connect, .timeout, .interrupted, .other:
                "Check the network, the region (\(region)) and AWS_ENDPOINT_URL."
            case .tls: "Check the machine's clock and its certificates (package ca-certificates)."
            case .bodyTooLarge: "Request less at a time."
            case .file: "Check the file, its folder's permissions and the free space."
            }
        return AWSError(
            service: service.rawValue, operation: call.operation,
            code: code, message: error.description, isRetryable: error.isRetryable,
            nextStep: nextStep,
            underlying: error)
    }

    // MARK: - The three formats

    private struct Document: Decodable {
        let type: String?
        let lower: String?
        let upper: String?

        private enum CodingKeys: String, CodingKey {
            case type = "__type"
            case lower = "message"
            case upper = "Message"
        }
    }

    /// JSON 1.0. The code follows a `#`. A colon and a URL may follow the code.
    private func json(_ response: HTTPResponse) -> Fields {
        var document: Document?
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(response.body))
        } catch {
            // The service did not write this answer. Its status must be enough.
            document = nil
        }
        let type = response.header("x-amzn-errortype") ?? document?.type
        let code = type.map { type in
            let end = type.prefix { $0 != ":" }
            return String(end.split(separator: "#").last ?? end)
        }
        return (code, document?.lower ?? document?.upper, nil)
    }

    /// S3's `<Error>`, the query protocol's `<ErrorResponse>` and EC2's `<Response><Errors>`.
    private func xml(_ response: HTTPResponse) -> Fields {
        let root: XMLElement
        do {
            root = try XMLElement(parsing: response.body)
        } catch {
            // As above.
            return (nil, nil, nil)
        }
        let error = root.name == "Error" ? root : root["Errors"]?["Error"] ?? root["Error"]
        let requestID = root["RequestId"]?.text ?? root["RequestID"]?.text
        return (error?["Code"]?.text, error?["Message"]?.text, requestID)
    }

    private static func code(of status: Int) -> String {
        switch status {
        case 304: "NotModified"
        case 400: "BadRequest"
        case 403: "Forbidden"
        case 404: "NotFound"
        case 409: "Conflict"
        case 412: "PreconditionFailed"
        case 416: "InvalidRange"
        case 503: "ServiceUnavailable"
        default: "HTTP\(status)"
        }
    }

    // MARK: - What to do

    private func nextStep(_ kind: ErrorKind, code: String, response: HTTPResponse) -> String {
        switch kind {
        case .throttled: "Call less often, or raise the service's quota."
        case .transient: "Try again later; see https://health.aws.amazon.com."
        case .expiredToken: "Log in again, or get new keys. These have expired."
        case .clockSkew:
            "Set this machine's clock. The time here is \(now.iso8601), at AWS"
                + " \(response.header("date") ?? "unknown")."
        case .accessDenied:
            "Allow \(call.action) for these credentials, on this resource"
                + (service == .s3 && call.isRead
                    ? " (S3 also answers so for a missing key when s3:ListBucket is not allowed)."
                    : ".")
        case .invalidKeys: "Check the access key and its secret. AWS refused the signature."
        case .notFound where code == "NoSuchBucket":
            "Check the bucket's name and its region (\(region))."
        case .notFound: "Check the name, and the region (\(region))."
        case .wrongRegion:
            "Set AWS_REGION to the bucket's region: "
                + "\(response.header("x-amz-bucket-region") ?? "unknown"), not \(region)."
        case .other: "Correct the request. AWS refuses it as it is."
        }
    }
}
