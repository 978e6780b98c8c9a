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

    func uploadParts(
        _ path: String, _ length: Int64, to object: Object, label: Label, plan: MultipartPlan,
        sent: (@Sendable (Int64) -> Void)?
    ) async throws(AWSError) -> Stored {
        let upload = try await createUpload(object, label)
        do throws(AWSError) {
            let cut = CutFile(path: path, parts: plan.parts(of: length), hashes: nil)
            let etags = try await sendParts(cut, to: object, upload, plan, [:], sent)
            return try await completeUpload(object, upload, etags)
        } catch {
            await abortUpload(object, upload)
            throw error
        }
    }

    /// A file and the parts in which it is sent.
    struct CutFile: Sendable {
        let path: String
        let parts: [MultipartPlan.Part]
        /// The SHA-256 of each part, or `nil` to hash each part when it is sent.
        let hashes: [String]?
    }

    func resumeParts(
        _ file: CutFile, to object: Object, label: Label, plan: MultipartPlan,
        kept: KeptUpload, sent: (@Sendable (Int64) -> Void)?
    ) async throws(AWSError) -> Stored {
        let upload: String
        let there: [Int: String]
        if let earlier = kept.read(), let parts = try await listParts(object, earlier) {
            (upload, there) = (earlier, parts)
        } else {
            (upload, there) = (try await createUpload(object, label), [:])
            kept.write(upload)
        }
        let etags = try await sendParts(file, to: object, upload, plan, there, sent)
        let stored = try await completeUpload(object, upload, etags)
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
                    operation, action: "s3:ListMultipartUploadParts", .get, object, query: query)
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
            operation, action: "s3:PutObject", .post, object, query: [("uploads", "")],
            headers: try headers(of: label, operation))
        guard let upload = try xml(response, operation)["UploadId"]?.text, !upload.isEmpty else {
            throw service.missing("UploadId", in: operation)
        }
        return upload
    }

    /// Sends the missing parts and returns all ETags in the parts' order. The first failure cancels
    /// the other requests.
    private func sendParts(
        _ file: CutFile, to object: Object, _ upload: String,
        _ plan: MultipartPlan, _ there: [Int: String], _ sentBytes: (@Sendable (Int64) -> Void)?
    ) async throws(AWSError) -> [String] {
        let parts = file.parts
        let outcome = await withTaskGroup(of: Sent.self) { group -> Result<[String], AWSError> in
            var etags = [String](repeating: "", count: parts.count)
            var waiting = parts.makeIterator()
            for _ in 0..<plan.concurrencyMax {
                guard let part = waiting.next() else { break }
                group.addTask {
                    await sendPart(part, of: file, to: object, upload, there[part.number])
                }
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
                        await sendPart(part, of: file, to: object, upload, there[part.number])
                    }
                }
            }
            return .success(etags)
        }
        return try outcome.get()
    }

    /// - Parameter etag: the ETag of the stored part, which is the MD5 of its bytes.
    private func sendPart(
        _ part: MultipartPlan.Part, of file: CutFile, to object: Object, _ upload: String,
        _ etag: String?
    ) async -> Sent {
        let operation = "UploadPart"
        do throws(AWSError) {
            let wanted = file.hashes?[part.number - 1]
            if let etag, try await isSame(part, of: file.path, etag, operation) {
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
                operation, action: "s3:PutObject", .put, object,
                query: [("partNumber", String(part.number)), ("uploadId", upload)],
                body: .file(path: file.path, offset: part.offset, length: part.length),
                payloadHash: hash, limit: Self.limit(forBytes: part.length))
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
            operation, action: "s3:PutObject", .post, object, query: [("uploadId", upload)],
            headers: [HTTPField("Content-Type", "application/xml")],
            body: .bytes(Array(body.utf8)),
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
                "AbortMultipartUpload", action: "s3:AbortMultipartUpload", .delete, object,
                query: [("uploadId", upload)])
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
