internal import Digest
internal import HTTP

/// How S3's requests are made and the headers of its answers are read.
extension S3 {
    /// The time limit for a transfer, at 500 KB a second or faster.
    private static let bytesPerSecondMin: Int64 = 500_000
    static let answerBytesMax = 8 << 20
    private static let metadataPrefix = "x-amz-meta-"

    static func limit(forBytes length: Int64) -> Duration {
        ServiceClient.limit + .seconds(length / bytesPerSecondMin)
    }

    func versionQuery(_ object: Object) -> [(name: String, value: String)] {
        object.version.map { [(name: "versionId", value: $0)] } ?? []
    }

    /// One request of S3 before it is signed.
    struct Request {
        let operation: String
        /// The IAM action.
        let action: String
        let method: HTTPRequest.Method
        let object: Object
        let query: [(name: String, value: String)]
        let headers: [HTTPField]
        let body: HTTPRequest.Body
        let payloadHash: String
        let sink: HTTPRequest.Sink
        let limit: Duration

        /// - Parameter payloadHash: the SHA-256 of a body that is a file. Other bodies are hashed
        ///   here.
        init(
            _ operation: String, action: String, _ method: HTTPRequest.Method, _ object: Object,
            query: [(name: String, value: String)] = [], headers: [HTTPField] = [],
            body: HTTPRequest.Body = .none, payloadHash: String? = nil,
            sink: HTTPRequest.Sink = .memory(bytesMax: S3.answerBytesMax),
            limit: Duration = ServiceClient.limit
        ) {
            self.operation = operation
            self.action = action
            self.method = method
            self.object = object
            self.query = query
            self.headers = headers
            self.body = body
            self.sink = sink
            self.limit = limit
            switch body {
            case .none: self.payloadHash = S3.emptyHash
            case .bytes(let bytes): self.payloadHash = hex(SHA256.hash(bytes))
            case .file:
                guard let payloadHash else {
                    preconditionFailure("The caller hashes a file before it is sent.")
                }
                self.payloadHash = payloadHash
            }
        }
    }

    /// - Parameter check: finds an error in an answer with status 200.
    func send(
        _ request: Request, check: @Sendable (HTTPResponse) -> HTTPResponse? = { _ in nil }
    ) async throws(AWSError) -> HTTPResponse {
        var url =
            service.endpoint.url(bucket: request.object.bucket) + "/"
            + PercentEncoding.encode(request.object.key, keepingSlashes: true)
        if !request.query.isEmpty { url += "?" + PercentEncoding.encode(request.query) }
        let hash = HTTPField("X-Amz-Content-Sha256", request.payloadHash)
        return try await service.send(
            ServiceCall(
                operation: request.operation, action: request.action,
                request: HTTPRequest(
                    request.method, url, headers: request.headers + [hash], body: request.body,
                    sink: request.sink, bounds: HTTPBounds(total: nil)),
                payloadHash: request.payloadHash, limit: request.limit),
            check: check)
    }

    func head(in response: HTTPResponse, _ operation: String) throws(AWSError) -> Head {
        // In the answer to a range, the whole length follows the slash.
        let whole = response.header("content-range")?.split(separator: "/").last
        let length = whole.map(String.init) ?? response.header("content-length")
        guard let size = length.flatMap({ Int64($0) }) else {
            throw service.missing("length", in: operation)
        }
        guard let etag = response.header("etag") else {
            throw service.missing("ETag", in: operation)
        }
        var metadata: [String: String] = [:]
        for field in response.headers {
            let name = field.name.lowercased()
            guard name.hasPrefix(Self.metadataPrefix) else { continue }
            metadata[String(name.dropFirst(Self.metadataPrefix.count))] = field.value
        }
        return Head(
            size: size, etag: etag, version: response.header("x-amz-version-id"),
            contentType: response.header("content-type"), metadata: metadata)
    }

    func headers(of label: Label, _ operation: String) throws(AWSError) -> [HTTPField] {
        var fields = [HTTPField("Content-Type", label.contentType)]
        for (name, value) in label.metadata.sorted(by: { $0.key < $1.key }) {
            let isName = !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            let isValue = value.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            guard isName, isValue, !name.contains(":") else {
                throw invalid(operation, "Metadata \"\(name)\" is not printable ASCII")
            }
            fields.append(HTTPField(Self.metadataPrefix + name.lowercased(), value))
        }
        return fields
    }

    func invalid(_ operation: String, _ message: String) -> AWSError {
        AWSError(
            service: service.service.rawValue, operation: operation, code: "InvalidRequest",
            message: message, nextStep: "Correct the call. Nothing was sent.")
    }
}
