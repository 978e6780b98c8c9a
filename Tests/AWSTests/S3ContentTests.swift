import Digest
import FoundationEssentials
import HTTP
import Testing

@testable import AWS

@Suite struct `A file uploaded with its hash` {
    private let object = S3.Object(bucket: "b", key: "files/k")
    private let plan = MultipartPlan(
        singleBytesMax: 1 << 20, partBytes: 5 << 20, concurrencyMax: 1)
    private let kept = S3.KeptUpload(read: { "U/1" }, write: { _ in })
    private let stored = HTTPResponse(status: 200, headers: [HTTPField("ETag", "\"e\"")])

    private func withFile(
        _ bytes: [UInt8], _ use: (String) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "spotrender-\(UUID().uuidString)"
        ).path(percentEncoded: false)
        try write(bytes, path)
        try await use(path)
        try FileManager.default.removeItem(atPath: path)
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(filePath: path))
    }

    @Test func `is sent with that hash, although it has changed`() async throws {
        try await withFile(Array("abc".utf8)) { path in
            let transport = ScriptedTransport(stored)
            let files = try S3(.test(transport))
            let hashed = try await files.hash(file: path, parts: plan)
            #expect(hashed.sha256 == hex(SHA256.hash(Array("abc".utf8))) && hashed.byteCount == 3)
            try write(Array("xyz".utf8), path)
            try await files.uploadHashed(
                S3.HashedUpload(hashed, to: object, isNewOnly: true), kept: kept)
            let request = transport.requests[0]
            #expect(request.header("X-Amz-Content-Sha256") == hashed.sha256)
            #expect(
                request.header("x-amz-checksum-sha256")
                    == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
            #expect(request.header("If-None-Match") == "*")
        }
    }

    @Test func `is not sent when its length has changed`() async throws {
        try await withFile(Array("abc".utf8)) { path in
            let transport = ScriptedTransport()
            let files = try S3(.test(transport))
            let hashed = try await files.hash(file: path, parts: plan)
            try write(Array("abcd".utf8), path)
            let error = await #expect(throws: AWSError.self) {
                try await files.uploadHashed(
                    S3.HashedUpload(hashed, to: object, isNewOnly: true), kept: kept)
            }
            #expect(error?.message.contains("changed") == true && transport.requests.isEmpty)
        }
    }

    @Test func `keeps an existing object or replaces it, as the caller asks`() async throws {
        try await withFile(Array("abc".utf8)) { path in
            let transport = ScriptedTransport(HTTPResponse(status: 412), stored)
            let files = try S3(.test(transport))
            let hashed = try await files.hash(file: path, parts: plan)
            try await files.uploadHashed(
                S3.HashedUpload(hashed, to: object, isNewOnly: true), kept: kept)
            try await files.uploadHashed(
                S3.HashedUpload(hashed, to: object, isNewOnly: false), kept: kept)
            #expect(transport.requests[1].header("If-None-Match") == nil)
        }
    }

    @Test func `is sent in parts with their hashes, without the parts sent before`()
        async throws
    {
        let bytes = (0..<((5 << 20) + 10)).map { UInt8(truncatingIfNeeded: $0 / 4096) }
        try await withFile(bytes) { path in
            let tag = hex(MD5.hash(Array(bytes[..<(5 << 20)])))
            let listed = HTTPResponse.xml(
                "<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>\(tag)</ETag></Part>"
                    + "</ListPartsResult>")
            let completed = HTTPResponse.xml(
                "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
            let transport = ScriptedTransport(listed, stored, completed, listed)
            let files = try S3(.test(transport))
            let hashed = try await files.hash(file: path, parts: plan)
            #expect(hashed.sha256 == hex(SHA256.hash(bytes)))
            try await files.uploadHashed(
                S3.HashedUpload(hashed, to: object, isNewOnly: true), kept: kept)
            #expect(transport.requests.count == 3)
            #expect(
                transport.requests[1].header("X-Amz-Content-Sha256")
                    == hex(SHA256.hash(Array(bytes[(5 << 20)...]))))

            // The first part differs from the hashed bytes, in the file and in S3.
            let other = S3.HashedFile(
                path: path, byteCount: hashed.byteCount, sha256: hashed.sha256,
                checksum: hashed.checksum, plan: plan,
                partHashes: [hex(SHA256.hash([])), hashed.partHashes[1]])
            let error = await #expect(throws: AWSError.self) {
                try await files.uploadHashed(
                    S3.HashedUpload(other, to: object, isNewOnly: true), kept: kept)
            }
            #expect(error?.message.contains("changed") == true)
        }
    }

    @Test(.enabled(if: endpoint != nil), arguments: [3, 6 << 20])
    func `is stored once, with that hash`(_ length: Int) async throws {
        let files = S3(try liveClient())
        let object = S3.Object(bucket: fresh("bucket"), key: "files/k")
        try await files.createBucket(object.bucket)
        let path = FileManager.default.temporaryDirectory.appending(path: fresh("hashed"))
            .path(percentEncoded: false)
        try write([UInt8](repeating: 1, count: length), path)
        let hashed = try await files.hash(file: path, parts: plan)
        let kept = S3.KeptUpload(read: { nil }, write: { _ in })
        if length < plan.singleBytesMax {
            // The emulator checks an object's checksum, but not a part's hash.
            try write([UInt8](repeating: 2, count: length), path)
            let error = await #expect(throws: AWSError.self) {
                try await files.uploadHashed(
                    S3.HashedUpload(hashed, to: object, isNewOnly: true), kept: kept)
            }
            #expect(error?.message.contains("changed") == true)
        }
        try write([UInt8](repeating: 1, count: length), path)
        // The second upload keeps the existing object.
        for _ in 0..<2 {
            try await files.uploadHashed(
                S3.HashedUpload(hashed, to: object, isNewOnly: true), kept: kept)
        }
        let stored = try await files.getObject(object)
        #expect(hex(SHA256.hash(stored.bytes)) == hashed.sha256)
        try FileManager.default.removeItem(atPath: path)
    }
}
