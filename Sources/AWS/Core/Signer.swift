internal import Digest
package import HTTP

/// Signs requests with AWS Signature Version 4, in the `Authorization` header.
///
///     canonical request ─SHA-256─▶ string to sign ─HMAC with the day's key─▶ signature
///
/// The URL must already be percent-encoded by SigV4's rules: it is signed as it is sent.
/// Source: "Signature Version 4 for API requests", IAM User Guide.
package struct Signer: Hashable, Sendable {
    /// How a path is written in the canonical request.
    package enum PathStyle: Hashable, Sendable {
        /// Dots and double slashes are resolved, then the path is encoded again. All services
        /// except S3.
        case normalized
        /// As it is sent. In S3, `a//b` and `a/../b` are different keys.
        case asSent
    }

    /// Replaces the hash of a body that is not hashed.
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// Headers that the HTTP library adds or a proxy may change.
    private static let unsignedHeaders: Set<String> = [
        "authorization", "connection", "expect", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
        "x-amzn-trace-id",
    ]

    package let service: String
    package let region: String
    package let pathStyle: PathStyle

    package init(service: String, region: String, pathStyle: PathStyle = .normalized) {
        self.service = service
        self.region = region
        self.pathStyle = pathStyle
    }

    /// Returns the request with the headers `X-Amz-Date`, `Authorization` and, for temporary
    /// credentials, `X-Amz-Security-Token`. Existing ones are replaced.
    ///
    /// - Parameter payloadHash: SHA-256 of the body in hexadecimal, or `unsignedPayload`.
    package func sign(
        _ request: HTTPRequest, payloadHash: String, credentials: Credentials, at time: UTCTime
    ) -> HTTPRequest {
        var signed = request
        signed.headers.removeAll {
            ["authorization", "x-amz-date", "x-amz-security-token"].contains($0.name.lowercased())
        }
        signed.headers.append(HTTPField("X-Amz-Date", time.basic))
        if let token = credentials.sessionToken {
            signed.headers.append(HTTPField("X-Amz-Security-Token", token))
        }
        let canonical = canonicalRequest(signed, payloadHash: payloadHash)
        let signature = hex(
            HMAC.sha256(
                key: key(credentials, at: time),
                message: Array(stringToSign(canonical.text, at: time).utf8)))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope(at: time)), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
        signed.headers.append(HTTPField("Authorization", authorization))
        return signed
    }

    // MARK: - SigV4, step 1: the canonical request

    func canonicalRequest(
        _ request: HTTPRequest, payloadHash: String
    ) -> (text: String, signedHeaders: String) {
        let url = SplitURL(request.url)
        var values: [String: [String]] = ["host": [url.hostHeader]]
        for field in request.headers {
            let name = field.name.lowercased()
            guard name != "host", !Self.unsignedHeaders.contains(name) else { continue }
            values[name, default: []].append(Self.trimmed(field.value))
        }
        let names = values.keys.sorted()
        let headers = names.map { "\($0):\((values[$0] ?? []).joined(separator: ","))\n" }
        let signedHeaders = names.joined(separator: ";")
        let text = [
            request.method.rawValue, canonicalPath(url.path), Self.canonicalQuery(url.query),
            headers.joined(), signedHeaders, payloadHash,
        ].joined(separator: "\n")
        return (text, signedHeaders)
    }

    private func canonicalPath(_ path: String) -> String {
        switch pathStyle {
        case .asSent: return path.isEmpty ? "/" : path
        case .normalized:
            var segments: [Substring] = []
            for segment in path.split(separator: "/") where segment != "." {
                if segment == ".." {
                    _ = segments.popLast()
                } else {
                    segments.append(segment)
                }
            }
            let joined = "/" + segments.joined(separator: "/")
            let isFolder = path.hasSuffix("/") && joined != "/"
            return PercentEncoding.encode(joined + (isFolder ? "/" : ""), keepingSlashes: true)
        }
    }

    /// The fields sorted by name and then by value, both percent-encoded.
    private static func canonicalQuery(_ query: String) -> String {
        query.split(separator: "&").map { field in
            let parts = field.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
        }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        .map { "\($0.name)=\($0.value)" }
        .joined(separator: "&")
    }

    /// The value without white space at its ends, and with one space for each run of white space.
    private static func trimmed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" || $0.isNewline }.joined(separator: " ")
    }

    // MARK: - Steps 2 and 3: the string to sign and its key

    func stringToSign(_ canonicalRequest: String, at time: UTCTime) -> String {
        """
        AWS4-HMAC-SHA256
        \(time.basic)
        \(scope(at: time))
        \(hex(SHA256.hash(Array(canonicalRequest.utf8))))
        """
    }

    private func scope(at time: UTCTime) -> String {
        "\(time.day)/\(region)/\(service)/aws4_request"
    }

    private func key(_ credentials: Credentials, at time: UTCTime) -> [UInt8] {
        [time.day, region, service, "aws4_request"]
            .reduce(Array("AWS4\(credentials.secretAccessKey)".utf8)) { key, part in
                HMAC.sha256(key: key, message: Array(part.utf8))
            }
    }
}
