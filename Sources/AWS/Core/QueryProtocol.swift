internal import Digest
internal import HTTP

/// The query protocol of Auto Scaling, STS, SNS and EC2: the request is a form, the answer is XML.
extension ServiceClient {
    private static let answerBytesMax = 8 << 20

    /// - Returns: the answer's `<…Result>` element, or its root when there is none.
    func query(
        _ operation: String, _ fields: [(name: String, value: String)]
    ) async throws(AWSError) -> XMLElement {
        let version =
            switch service {
            case .ec2: "2016-11-15"
            case .sts: "2011-06-15"
            case .sns: "2010-03-31"
            case .autoScaling: "2011-01-01"
            case .s3, .sqs, .dynamoDB:
                preconditionFailure("\(service.rawValue) does not use the query protocol.")
            }
        let form = [(name: "Action", value: operation), (name: "Version", value: version)] + fields
        let body = Array(PercentEncoding.encode(form).utf8)
        let call = ServiceCall(
            operation: operation, action: "\(service.prefix):\(operation)",
            request: HTTPRequest(
                .post, "\(endpoint.scheme)://\(endpoint.authority)\(endpoint.path)/",
                headers: [
                    HTTPField("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                ],
                body: .bytes(body), sink: .memory(bytesMax: Self.answerBytesMax)),
            payloadHash: hex(SHA256.hash(body)), limit: Self.limit)
        let response = try await send(call)
        do throws(XMLError) {
            let root = try XMLElement(parsing: response.body)
            return root["\(operation)Result"] ?? root
        } catch {
            throw unreadable(operation, response, reason: error.description)
        }
    }

    /// The error for an answer that lacks a field which it always has.
    func missing(_ field: String, in operation: String) -> AWSError {
        unreadable(operation, HTTPResponse(status: 200), reason: "The answer has no \(field)")
    }
}
