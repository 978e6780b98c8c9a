import Digest
import FoundationEssentials
import HTTP
import Testing

@testable import AWS

/// AWS's published test vectors, which are raw requests.
struct PublishedCase: Decodable, CustomTestStringConvertible {
    let name: String
    let request: String
    let canonicalRequest: String
    let stringToSign: String
    let authorization: String

    var testDescription: String { name }

    static func all() throws -> [PublishedCase] {
        try Fixture.json("aws4_testsuite/cases.json", as: [PublishedCase].self)
    }

    /// The token of the vectors that sign one.
    var credentials: Credentials {
        let prefix = "x-amz-security-token:"
        let line = canonicalRequest.split(separator: "\n").first { $0.hasPrefix(prefix) }
        return Credentials(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            sessionToken: line.map { String($0.dropFirst(prefix.count)) })
    }

    func parsed() throws -> (request: HTTPRequest, body: String) {
        let sections = request.components(separatedBy: "\n\n")
        var lines = sections[0].components(separatedBy: "\n")
        let target = lines.removeFirst().dropLast(" HTTP/1.1".count)
        let method = try #require(
            HTTPRequest.Method(rawValue: String(target.prefix { $0 != " " })))
        var headers: [(name: String, value: String)] = []
        for line in lines where !line.isEmpty {
            if line.hasPrefix(" "), let last = headers.popLast() {
                headers.append((last.name, "\(last.value)\n\(line)"))
            } else {
                let colon = try #require(line.firstIndex(of: ":"))
                headers.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        let host = try #require(headers.first { $0.name.lowercased() == "host" }).value
        // A query is signed as it is sent, so it must be encoded. The vectors are not encoded.
        let parts = target.dropFirst(method.rawValue.count + 1).split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? "?" + encodedQuery(parts[1]) : ""
        return (
            HTTPRequest(
                method, "https://\(host)\(parts[0])\(query)",
                headers: headers.map { HTTPField($0.name, $0.value) }),
            sections.count > 1 ? sections[1] : ""
        )
    }

    private func encodedQuery(_ query: Substring) -> String {
        PercentEncoding.encode(
            query.split(separator: "&").map { field in
                let parts = field.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                // Some vectors are already encoded.
                let decoded = parts.map { PercentEncoding.decode(String($0)) ?? String($0) }
                return (decoded[0], decoded.count > 1 ? decoded[1] : "")
            })
    }
}

/// Random requests that botocore signed. See `Fixtures/make-signing-cases.py`.
struct RefereedCase: Decodable, CustomTestStringConvertible {
    let service: String
    let region: String
    let milliseconds: Int64
    let secret: String
    let token: String?
    let method: String
    let origin: String
    let key: String
    let query: [[String]]
    let url: String
    let headers: [[String]]
    let body: String
    let authorization: String

    private struct File: Decodable {
        let cases: [RefereedCase]
    }

    var testDescription: String { "\(method) \(url)" }

    static func all() throws -> [RefereedCase] {
        try Fixture.json("signing-cases.json", as: File.self).cases
    }
}

@Suite struct `A signature` {
    private let time = UTCTime(millisecondsSinceEpoch: 1_440_938_160_000)

    @Test(arguments: try PublishedCase.all())
    func `equals AWS's in the published vectors`(_ published: PublishedCase) throws {
        let (request, body) = try published.parsed()
        let payloadHash = hex(SHA256.hash(Array(body.utf8)))
        let signer = Signer(service: "service", region: "us-east-1")
        let signed = signer.sign(
            request, payloadHash: payloadHash, credentials: published.credentials, at: time)
        let canonical = signer.canonicalRequest(signed, payloadHash: payloadHash).text
        #expect(canonical == published.canonicalRequest)
        #expect(signer.stringToSign(canonical, at: time) == published.stringToSign)
        #expect(authorization(of: signed) == published.authorization)
    }

    @Test(arguments: try RefereedCase.all())
    func `equals botocore's for a random request`(_ refereed: RefereedCase) throws {
        let method = try #require(HTTPRequest.Method(rawValue: refereed.method))
        let query = PercentEncoding.encode(
            refereed.query.map { (name: $0[0], value: $0[1]) })
        let url =
            refereed.origin + PercentEncoding.encode(refereed.key, keepingSlashes: true)
            + (query.isEmpty ? "" : "?\(query)")
        #expect(url == refereed.url)
        let hash = hex(SHA256.hash(Array(refereed.body.utf8)))
        let isS3 = refereed.service == "s3"
        let request = HTTPRequest(
            method, url,
            headers: refereed.headers.map { HTTPField($0[0], $0[1]) }
                + (isS3 ? [HTTPField("X-Amz-Content-SHA256", hash)] : []))
        let signed = Signer(
            service: refereed.service, region: refereed.region,
            pathStyle: isS3 ? .asSent : .normalized
        ).sign(
            request, payloadHash: hash,
            credentials: Credentials(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: refereed.secret,
                sessionToken: refereed.token),
            at: UTCTime(millisecondsSinceEpoch: refereed.milliseconds))
        #expect(authorization(of: signed) == refereed.authorization)
    }

    @Test func `of an earlier attempt is replaced`() {
        let signer = Signer(service: "sqs", region: "us-east-1")
        let credentials = Credentials(
            accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token")
        let request = HTTPRequest(.post, "https://sqs.us-east-1.amazonaws.com/")
        let once = signer.sign(request, payloadHash: "", credentials: credentials, at: time)
        let twice = signer.sign(once, payloadHash: "", credentials: credentials, at: time)
        #expect(once == twice)
    }

    private func authorization(of request: HTTPRequest) -> String? {
        request.headers.first { $0.name == "Authorization" }?.value
    }
}
