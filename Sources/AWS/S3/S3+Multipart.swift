internal import Digest
internal import HTTP
internal import Logging

/// Multipart uploads.
///
///     CreateMultipartUpload ─▶ UploadPart × n ─▶ CompleteMultipartUpload
///            │                     ├ any fails ─▶ AbortMultipartUpload
///            └─ with KeptUpload ───┴ any fails ─▶ the next call: ListParts ─▶ the other parts
extension S3 {
    private typealias Sent = Result<(number: Int, etag: String), AWSError>

    /// Stores the name of an unfinished upload between two calls. A name belongs to one file in one
    /// state, with one label.
    package struct KeptUpload: Sendable {
        package var read: @Sendable () -> String?
        /// Stores the name; `nil` removes it.
        package var write: @Sendable (String?) -> Void

        package init(
            read: @escaping @Sendable () -> String?, write: @escaping @Sendable (String?) -> Void
        ) {
            self.read = read
            self.write = write
        }
    }

    /// A file and the parts in which it is sent.
    struct CutFile: Sendable {
        let path: String
        let object: Object
        let parts: [MultipartPlan.Part]
        /// The SHA-256 of each part, or `nil` to hash each part when it is sent.
        let hashes: [String]?
        let concurrencyMax: Int

        init(_ file: FileUpload, length: Int64, hashes: [String]? = nil) {
            path = file.path
            object = file.object
            parts = file.plan.parts(of: length)
            concurrencyMax = file.plan.concurrencyMax
            self.hashes = hashes
        }
    }

    /// An upload that S3 has begun.
    private struct OpenUpload: Sendable {
        /// S3's name of the upload.
        let id: String
        /// The ETags of the parts that are stored, by number.
        var stored: [Int: String] = [:]
    }

    func uploadParts(
        of file: FileUpload, length: Int64, sent: (@Sendable (Int64) -> Void)?
    ) async throws(AWSError) -> Stored {
        let upload = OpenUpload(id: try await createUpload(file.object, file.label))
        do throws(AWSError) {
            let etags = try await sendParts(of: CutFile(file, length: length), to: upload, sent)
            return try await completeUpload(file.object, upload.id, etags)
        } catch {
            await abortUpload(file.object, upload.id)
            throw error
        }
    }

    func resumeParts(
        _ file: CutFile, label: Label, kept: KeptUpload, sent: (@Sendable (Int64) -> Void)?
    ) async throws(AWSError) -> Stored {
        let upload: OpenUpload
        if let id = kept.read(), let stored = try await listParts(file.object, id) {
            upload = OpenUpload(id: id, stored: stored)
        } else {
            upload = OpenUpload(id: try await createUpload(file.object, label))
            kept.write(upload.id)
        }
        let etags = try await sendParts(of: file, to: upload, sent)
        let stored = try await completeUpload(file.object, upload.id, etags)
        kept.write(nil)
        return stored
    }

    /// The ETags of the stored parts by number, or `nil` when S3 does not know the upload.
    private func listParts(
        _ object: Object, _ upload: String
    ) async throws(AWSError) -> [Int: String]? {
        let operation = "ListParts"
        var found: [Int: String] = [:]
        var marker: String?
        // A page has up to 1,000 parts.
        for _ in 0...(MultipartPlan.partsMax / 1000) {
            var query = [(name: "uploadId", value: upload)]
            if let marker { query.insert((name: "part-number-marker", value: marker), at: 0) }
            let root: XMLElement
            do throws(AWSError) {
                let response = try await send(
                    Request(
                        operation, action: "s3:ListMultipartUploadParts", .get, object, query: query
                    ))
                root = try xml(response, operation)
            } catch {
                if error.code == "NoSuchUpload" { return nil }
                throw error
            }
            for part in root.all("Part") {
                guard let number = part["PartNumber"].flatMap({ Int($0.text) }),
                    let etag = part["ETag"]?.text
                else { throw service.missing("number or ETag", in: operation) }
                found[number] = etag
            }
            guard root["IsTruncated"]?.text == "true",
                let next = root["NextPartNumberMarker"]?.text
            else { break }
            marker = next
        }
        return found
    }

    private func createUpload(_ object: Object, _ label: Label) async throws(AWSError) -> String {
        let operation = "CreateMultipartUpload"
        let response = try await send(
            Request(
                operation, action: "s3:PutObject", .post, object, query: [("uploads", "")],
                headers: try headers(of: label, operation)))
        guard let upload = try xml(response, operation)["UploadId"]?.text, !upload.isEmpty else {
            throw service.missing("UploadId", in: operation)
        }
        return upload
    }

    /// Sends the missing parts and returns all ETags in the parts' order. The first failure cancels
    /// the other requests.
    private func sendParts(
        of file: CutFile, to upload: OpenUpload, _ sentBytes: (@Sendable (Int64) -> Void)?
    ) async throws(AWSError) -> [String] {
        let parts = file.parts
        let outcome = await withTaskGroup(of: Sent.self) { group -> Result<[String], AWSError> in
            var etags = [String](repeating: "", count: parts.count)
            var waiting = parts.makeIterator()
            for _ in 0..<file.concurrencyMax {
                guard let part = waiting.next() else { break }
                group.addTask { await sendPart(part, of: file, to: upload) }
            }
            while let sent = await group.next() {
                switch sent {
                case .success(let part):
                    etags[part.number - 1] = part.etag
                    sentBytes?(parts[part.number - 1].length)
                case .failure(let error):
                    group.cancelAll()
                    return .failure(error)
                }
                if let part = waiting.next() {
                    group.addTask {
                        await sendPart(part, of: file, to: upload)
                    }
                }
            }
            return .success(etags)
        }
        return try outcome.get()
    }

    /// Sends a part, unless the stored part has the same bytes: its ETag is the MD5 of its bytes.
    private func sendPart(
        _ part: MultipartPlan.Part, of file: CutFile, to upload: OpenUpload
    ) async -> Sent {
        let operation = "UploadPart"
        do throws(AWSError) {
            let wanted = file.hashes?[part.number - 1]
            if let etag = upload.stored[part.number],
                try await isSame(part, of: file.path, etag, operation)
            {
                if let wanted { try await check(part, of: file.path, wanted, operation) }
                return .success((part.number, etag))
            }
            let hash: String
            if let wanted {
                // S3 compares this hash with the bytes that arrive.
                hash = wanted
            } else {
                hash = try await hashOfFile(
                    file.path, offset: part.offset, length: part.length, operation)
            }
            let response = try await send(
                Request(
                    operation, action: "s3:PutObject", .put, file.object,
                    query: [("partNumber", String(part.number)), ("uploadId", upload.id)],
                    body: .file(path: file.path, offset: part.offset, length: part.length),
                    payloadHash: hash, limit: Self.limit(forBytes: part.length)))
            return .success((part.number, try stored(in: response, operation).etag))
        } catch {
            return .failure(error)
        }
    }

    private func check(
        _ part: MultipartPlan.Part, of path: String, _ wanted: String, _ operation: String
    ) async throws(AWSError) {
        let hash = try await hashOfFile(path, offset: part.offset, length: part.length, operation)
        guard hash == wanted else { throw changed(path, operation) }
    }

    private func isSame(
        _ part: MultipartPlan.Part, of path: String, _ etag: String, _ operation: String
    ) async throws(AWSError) -> Bool {
        do throws(FileReadError) {
            let digest = try await FileSlice(
                path: path, offset: part.offset, length: part.length
            ).md5()
            return hex(digest) == etag.filter { $0 != "\"" }
        } catch {
            throw fileFault(operation, error.description)
        }
    }

    private func completeUpload(
        _ object: Object, _ upload: String, _ etags: [String]
    ) async throws(AWSError) -> Stored {
        let operation = "CompleteMultipartUpload"
        let parts = etags.enumerated().map {
            "<Part><PartNumber>\($0.offset + 1)</PartNumber>"
                + "<ETag>\(Self.escaped($0.element))</ETag></Part>"
        }
        let body =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            + parts.joined() + "</CompleteMultipartUpload>"
        let response = try await send(
            Request(
                operation, action: "s3:PutObject", .post, object, query: [("uploadId", upload)],
                headers: [HTTPField("Content-Type", "application/xml")],
                body: .bytes(Array(body.utf8))),
            // S3 sends status 200 first, to keep the connection open, and may report an error in
            // the body.
            check: { response in
                Self.isError(response.body)
                    ? HTTPResponse(status: 500, headers: response.headers, body: response.body)
                    : nil
            })
        guard let etag = try xml(response, operation)["ETag"]?.text else {
            throw service.missing("ETag", in: operation)
        }
        return Stored(etag: etag, version: response.header("x-amz-version-id"))
    }

    /// Aborts the upload. A failure is only logged: the bucket's lifecycle rule removes unfinished
    /// uploads, and the caller reports the first error.
    private func abortUpload(_ object: Object, _ upload: String) async {
        do throws(AWSError) {
            _ = try await send(
                Request(
                    "AbortMultipartUpload", action: "s3:AbortMultipartUpload", .delete, object,
                    query: [("uploadId", upload)]))
        } catch {
            service.logger.warning(
                "Could not abort a multipart upload",
                metadata: ["bucket": "\(object.bucket)", "key": "\(object.key)"])
        }
    }

    func xml(_ response: HTTPResponse, _ operation: String) throws(AWSError) -> XMLElement {
        do throws(XMLError) {
            return try XMLElement(parsing: response.body)
        } catch {
            throw service.unreadable(operation, response, reason: error.description)
        }
    }

    private static func isError(_ body: [UInt8]) -> Bool {
        do throws(XMLError) {
            return try XMLElement(parsing: body).name == "Error"
        } catch {
            // This is not S3's XML. The reader of the answer reports it.
            return false
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
