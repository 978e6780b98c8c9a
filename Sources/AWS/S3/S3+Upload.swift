internal import Digest
internal import HTTP

extension S3 {
    /// In bytes. One PutObject request takes at most 5 GiB.
    private static let putBytesMax: Int64 = 5 << 30

    /// Stores an object of up to 5 GiB in one request. S3 checks the SHA-256 of the bytes.
    ///
    /// - Parameter isNewOnly: whether an existing object stays and the call fails with status 412.
    @discardableResult
    package func putObject(
        _ object: Object, _ source: Source, label: Label = Label(), isNewOnly: Bool = false
    ) async throws(AWSError) -> Stored {
        var headers = try headers(of: label, "PutObject")
        if isNewOnly { headers.append(HTTPField("If-None-Match", "*")) }
        switch source {
        case .bytes(let bytes):
            return try await put(object, .bytes(bytes), headers: headers)
        case .file(let path):
            let length = try size(ofFile: path, "PutObject")
            guard length <= Self.putBytesMax else {
                throw invalid("PutObject", "\(path) is larger than 5 GiB")
            }
            let hash = try await hashOfFile(path, offset: 0, length: length, "PutObject")
            return try await put(
                object, .file(path: path, offset: 0, length: length), hash: hash,
                headers: headers)
        }
    }

    /// - Parameter hash: the SHA-256 of a body that is a file.
    func put(
        _ object: Object, _ body: HTTPRequest.Body, hash: String? = nil, headers: [HTTPField]
    ) async throws(AWSError) -> Stored {
        let length =
            switch body {
            case .none: Int64(0)
            case .bytes(let bytes): Int64(bytes.count)
            case .file(_, _, let length): length
            }
        let response = try await send(
            Request(
                "PutObject", action: "s3:PutObject", .put, object, headers: headers, body: body,
                payloadHash: hash, limit: Self.limit(forBytes: length)))
        return try stored(in: response, "PutObject")
    }

    /// Stores a file: in one request when the file is small, else in parts.
    ///
    /// - Parameter sent: receives the number of bytes that each request added.
    @discardableResult
    package func upload(
        _ file: FileUpload, sent: (@Sendable (Int64) -> Void)? = nil
    ) async throws(AWSError) -> Stored {
        let length = try size(ofFile: file.path, "PutObject")
        guard length > file.plan.singleBytesMax else {
            let stored = try await putObject(file.object, .file(file.path), label: file.label)
            sent?(length)
            return stored
        }
        return try await uploadParts(of: file, length: length, sent: sent)
    }

    /// Stores a file like `upload`. When the upload of a large file fails, S3 keeps the parts that
    /// arrived, and the next call sends only the others.
    ///
    /// - Parameter kept: stores the name of the multipart upload between two calls.
    @discardableResult
    package func resumeUpload(
        _ file: FileUpload, kept: KeptUpload, sent: (@Sendable (Int64) -> Void)? = nil
    ) async throws(AWSError) -> Stored {
        let length = try size(ofFile: file.path, "PutObject")
        guard length > file.plan.singleBytesMax else { return try await upload(file, sent: sent) }
        return try await resumeParts(
            CutFile(file, length: length), label: file.label, kept: kept, sent: sent)
    }

    /// Whether a file has the size and ETag of an object that `upload` stored.
    ///
    /// The ETag is the MD5 of the bytes, or of the MD5s of the parts. S3 computes it so for all
    /// objects except those encrypted with a customer's key.
    package func matches(
        file path: String, size wanted: Int64, etag: String, parts: MultipartPlan = MultipartPlan()
    ) async throws(AWSError) -> Bool {
        let operation = "GetObject"
        let length = try size(ofFile: path, operation)
        guard length == wanted else { return false }
        let tag = etag.filter { $0 != "\"" }
        do throws(FileReadError) {
            guard tag.contains("-") else {
                return hex(try await FileSlice(whole: path).md5()) == tag
            }
            var digests: [UInt8] = []
            let plan = parts.parts(of: length)
            for part in plan {
                digests += try await FileSlice(
                    path: path, offset: part.offset, length: part.length
                ).md5()
            }
            return "\(hex(MD5.hash(digests)))-\(plan.count)" == tag
        } catch {
            throw fileFault(operation, error.description)
        }
    }

    func stored(in response: HTTPResponse, _ operation: String) throws(AWSError) -> Stored {
        guard let etag = response.header("etag") else {
            throw service.missing("ETag", in: operation)
        }
        return Stored(etag: etag, version: response.header("x-amz-version-id"))
    }

    func hashOfFile(
        _ path: String, offset: Int64, length: Int64, _ operation: String
    ) async throws(AWSError) -> String {
        do throws(FileReadError) {
            return hex(
                try await FileSlice(path: path, offset: offset, length: length).sha256())
        } catch {
            throw fileFault(operation, error.description)
        }
    }

    func size(ofFile path: String, _ operation: String) throws(AWSError) -> Int64 {
        do throws(FileReadError) {
            return try FileSlice(whole: path).length
        } catch {
            throw fileFault(operation, error.description)
        }
    }

    func fileFault(_ operation: String, _ message: String) -> AWSError {
        AWSError(
            service: service.service.rawValue, operation: operation, code: "FileFault",
            message: message, nextStep: "Check the file and its folder's permissions.")
    }
}
