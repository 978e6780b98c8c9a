import Digest
import FoundationEssentials
import HTTP
import Testing

@testable import AWS

@Suite struct `An S3 object` {
    private let object = S3.Object(bucket: "b", key: "jobs/ä b+c.png", version: "v/1")
    private let path = "https://b.s3.us-east-1.amazonaws.com/jobs/%C3%A4%20b%2Bc.png"

    @Test func `is read in ranges while it is the same object`() async throws {
        let transport = ScriptedTransport(
            HTTPResponse(
                status: 206,
                headers: [
                    HTTPField("Content-Range", "bytes 10-19/500"), HTTPField("ETag", "\"e\""),
                    HTTPField("Content-Length", "10"), HTTPField("x-amz-version-id", "v/1"),
                    HTTPField("Content-Type", "image/png"), HTTPField("X-Amz-Meta-Frames", "1-9"),
                ],
                body: Array("0123456789".utf8)))
        let content = try await S3(.test(transport)).getObject(
            object, range: 10..<20, ifMatch: "\"e\"", bytesMax: 100)
        #expect(
            content.head
                == S3.Head(
                    size: 500, etag: "\"e\"", version: "v/1", contentType: "image/png",
                    metadata: ["frames": "1-9"]))
        #expect(content.bytes.count == 10)
        let request = transport.requests[0]
        #expect(request.method == .get)
        #expect(request.url == path + "?versionId=v%2F1")
        #expect(request.header("Range") == "bytes=10-19")
        #expect(request.header("If-Match") == "\"e\"")
        #expect(request.sink == .memory(bytesMax: 100))
        #expect(request.header("X-Amz-Content-Sha256") == hex(SHA256.hash([])))
    }

    @Test func `is read into a file`() async throws {
        let transport = ScriptedTransport(
            HTTPResponse(
                status: 200,
                headers: [HTTPField("content-length", "7"), HTTPField("etag", "\"e\"")]))
        let head = try await S3(.test(transport)).getObject(
            object, to: S3.Download("/tmp/x", offset: 3, lengthMax: 50_000_000))
        #expect(head.size == 7)
        #expect(transport.requests[0].sink == .file(path: "/tmp/x", offset: 3))
        // A minute, and the time that the slowest transfer may take.
        #expect(transport.requests[0].bounds.total == .seconds(160))
    }

    @Test func `returns its headers`() async throws {
        let transport = ScriptedTransport(
            HTTPResponse(
                status: 200,
                headers: [HTTPField("Content-Length", "4000000000"), HTTPField("ETag", "\"e\"")]),
            HTTPResponse(status: 404))
        let files = try S3(.test(transport))
        let head = try await files.headObject(object)
        #expect(head.size == 4_000_000_000)
        #expect(head.version == nil)
        #expect(transport.requests[0].method == .head)
        let error = await #expect(throws: AWSError.self) { try await files.headObject(object) }
        #expect(error?.isNotFound == true)
        #expect(error?.operation == "HeadObject")
    }

    @Test func `is stored with its hash, type and metadata`() async throws {
        let transport = ScriptedTransport(
            HTTPResponse(status: 200, headers: [HTTPField("ETag", "\"e\"")]))
        let stored = try await S3(.test(transport)).putObject(
            S3.Object(bucket: "b", key: "k"), .bytes(Array("abc".utf8)),
            label: S3.Label(contentType: "image/png", metadata: ["Frames": "1-9", "a": ""]),
            isNewOnly: true)
        #expect(stored == S3.Stored(etag: "\"e\"", version: nil))
        let request = transport.requests[0]
        #expect(request.method == .put)
        #expect(request.body == .bytes(Array("abc".utf8)))
        #expect(request.header("Content-Type") == "image/png")
        #expect(request.header("x-amz-meta-frames") == "1-9")
        #expect(request.header("x-amz-meta-a") == "")
        #expect(request.header("If-None-Match") == "*")
        #expect(
            request.header("X-Amz-Content-Sha256")
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test(arguments: [["a": "ä"], ["a": "x\r\nEvil: 1"], ["": "x"], ["a:b": "x"], ["a b": "x"]])
    func `accepts only metadata that a header can hold`(_ metadata: [String: String]) async throws {
        let transport = ScriptedTransport()
        let files = try S3(.test(transport))
        let error = await #expect(throws: AWSError.self) {
            try await files.putObject(object, .bytes([]), label: S3.Label(metadata: metadata))
        }
        #expect(error?.code == "InvalidRequest")
        #expect(transport.requests.isEmpty)
    }

    @Test func `that exists stays when only new ones are allowed`() async throws {
        let files = try S3(.test(ScriptedTransport(HTTPResponse(status: 412))))
        let error = await #expect(throws: AWSError.self) {
            try await files.putObject(object, .bytes([]), isNewOnly: true)
        }
        #expect(error?.isPreconditionFailure == true)
    }

    @Test func `is sent from a file without holding the file in memory`() async throws {
        try await withFile(length: 3_000_000) { path, bytes in
            let transport = ScriptedTransport(
                HTTPResponse(status: 200, headers: [HTTPField("ETag", "\"e\"")]))
            try await S3(.test(transport)).upload(S3.FileUpload(path, to: object))
            let request = transport.requests[0]
            #expect(request.body == .file(path: path, offset: 0, length: 3_000_000))
            #expect(request.header("X-Amz-Content-Sha256") == hex(SHA256.hash(bytes)))
        }
    }

    @Test func `can't be sent from a missing file`() async throws {
        let files = try S3(.test(ScriptedTransport()))
        let error = await #expect(throws: AWSError.self) {
            try await files.upload(S3.FileUpload("/nowhere/frame.png", to: object))
        }
        #expect(error?.code == "FileFault")
        #expect(error?.description.contains("/nowhere/frame.png") == true)
    }
}

@Suite struct `A large file` {
    private let object = S3.Object(bucket: "b", key: "k")
    private let plan = MultipartPlan(
        singleBytesMax: 1 << 20, partBytes: 5 << 20, concurrencyMax: 1)
    private let created = HTTPResponse.xml(
        "<InitiateMultipartUploadResult><UploadId>U/1</UploadId></InitiateMultipartUploadResult>")

    private func sent(_ etag: String) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [HTTPField("ETag", etag)])
    }

    @Test func `is uploaded in parts`() async throws {
        try await withFile(length: (5 << 20) + 10) { path, bytes in
            let transport = ScriptedTransport(
                created, sent("\"1\""), sent("\"2\""),
                .xml(
                    "<CompleteMultipartUploadResult><ETag>&quot;e-2&quot;</ETag>"
                        + "</CompleteMultipartUploadResult>",
                    headers: [HTTPField("x-amz-version-id", "v")]))
            let stored = try await S3(.test(transport)).upload(
                S3.FileUpload(
                    path, to: object, label: S3.Label(contentType: "image/x-exr"), plan: plan))
            #expect(stored == S3.Stored(etag: "\"e-2\"", version: "v"))
            let url = "https://b.s3.us-east-1.amazonaws.com/k"
            #expect(
                transport.requests.map(\.url) == [
                    "\(url)?uploads=", "\(url)?partNumber=1&uploadId=U%2F1",
                    "\(url)?partNumber=2&uploadId=U%2F1", "\(url)?uploadId=U%2F1",
                ])
            #expect(transport.requests[0].header("Content-Type") == "image/x-exr")
            #expect(
                transport.requests[2].body == .file(path: path, offset: 5 << 20, length: 10))
            #expect(
                transport.requests[2].header("X-Amz-Content-Sha256")
                    == hex(SHA256.hash(Array(bytes.suffix(10)))))
            #expect(
                transport.requests[3].text == """
                    <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
                    <Part><PartNumber>1</PartNumber><ETag>&quot;1&quot;</ETag></Part>\
                    <Part><PartNumber>2</PartNumber><ETag>&quot;2&quot;</ETag></Part>\
                    </CompleteMultipartUpload>
                    """)
        }
    }

    @Test func `leaves nothing behind when a part fails`() async throws {
        try await withFile(length: (5 << 20) + 10) { path, _ in
            let transport = ScriptedTransport(
                created, HTTPResponse(status: 403), HTTPResponse(status: 204))
            let files = try S3(.test(transport))
            let error = await #expect(throws: AWSError.self) {
                try await files.upload(S3.FileUpload(path, to: object, plan: plan))
            }
            #expect(error?.operation == "UploadPart")
            #expect(transport.requests.last?.method == .delete)
            #expect(transport.requests.last?.url.hasSuffix("k?uploadId=U%2F1") == true)
        }
    }

    @Test func `is not stored when an answer with status 200 holds an error`() async throws {
        try await withFile(length: (1 << 20) + 1) { path, _ in
            let failed = HTTPResponse.xml(
                "<Error><Code>InternalError</Code><Message>We erred</Message></Error>")
            let transport = ScriptedTransport(
                created, sent("\"1\""), failed,
                .xml(
                    "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
            )
            let stored = try await S3(.test(transport)).upload(
                S3.FileUpload(path, to: object, plan: plan))
            #expect(stored.etag == "e")
            #expect(transport.requests.count == 4)
        }
    }

    @Test(
        arguments: [
            (1, 1, 1), (16 << 20, 1, 16 << 20), ((16 << 20) + 1, 2, 1),
            (5 << 40, 10_000, 549_754_694),
        ] as [(Int64, Int, Int64)])
    func `is cut into parts that S3 accepts`(_ length: Int64, _ count: Int, _ last: Int64) {
        let parts = MultipartPlan().parts(of: length)
        #expect(parts.count == count)
        #expect(parts.last?.length == last)
        #expect(parts.reduce(0) { $0 + $1.length } == length)
    }
}

@Suite struct `A bucket` {
    @Test func `is listed page by page, including keys with special characters`() async throws {
        let transport = ScriptedTransport(
            .xml(
                """
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
                <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
                <NextContinuationToken>n/1</NextContinuationToken><Contents>\
                <Key>a+b%2Bc%C3%A4%01</Key><LastModified>2026-11-21T06:00:00.000Z</LastModified>\
                <ETag>&quot;e&quot;</ETag><Size>12</Size></Contents></ListBucketResult>
                """),
            .xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"))
        let result = try await S3(.test(transport)).listAllObjects(
            bucket: "b", prefix: "jobs/x y", countMax: 5000)
        #expect(result.isComplete)
        #expect(
            result.entries == [
                S3.Entry(
                    key: "a b+cä\u{1}", size: 12, etag: "\"e\"",
                    modified: UTCTime(millisecondsSinceEpoch: 1_795_240_800_000))
            ])
        let url =
            "https://b.s3.us-east-1.amazonaws.com/?encoding-type=url&list-type=2&"
            + "max-keys=1000&prefix=jobs%2Fx%20y"
        #expect(
            transport.requests.map(\.url) == [url, url + "&continuation-token=n%2F1"])
    }
}

/// A file of this many bytes. It is removed when the test ends.
private func withFile(
    length: Int, _ use: (String, [UInt8]) async throws -> Void
) async throws {
    let line = (0..<251).map { UInt8($0) }
    let lines = [[UInt8]](repeating: line, count: length / line.count + 1)
    let bytes = Array(lines.flatMap(\.self).prefix(length))
    let url = FileManager.default.temporaryDirectory.appending(
        path: "spotrender-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            Issue.record("\(error)")
        }
    }
    try await use(url.path(percentEncoded: false), bytes)
}
