internal import Digest
internal import FoundationEssentials
internal import HTTP

/// S3: reads, writes and lists objects. Source: API version 2006-03-01.
package struct S3: Sendable {
    static let emptyHash = hex(SHA256.hash([]))

    let service: ServiceClient
    let region: String

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .s3)
        region = client.region
    }

    // MARK: - Read

    /// Reads an object, or a range of its bytes, into memory.
    ///
    /// - Parameters:
    ///   - range: ends at the object's end at the latest. A range that begins beyond the end is
    ///     status 416.
    ///   - ifMatch: an ETag. If the object has another one, the call fails with status 412.
    ///   - bytesMax: a longer answer is an error, so that a large object never fills the memory.
    package func getObject(
        _ object: Object, range: Range<Int64>? = nil, ifMatch: String? = nil,
        bytesMax: Int = 8 << 20
    ) async throws(AWSError) -> Content {
        let response = try await get(
            object, range: range, ifMatch: ifMatch,
            into: (.memory(bytesMax: bytesMax), ServiceClient.limit))
        return Content(head: try head(in: response, "GetObject"), bytes: response.body)
    }

    /// Writes an object, or a range of it, into a file from its offset on. Reading the whole
    /// object replaces an existing file.
    ///
    /// A failed call leaves the bytes that arrived, and the next call overwrites them. The file is
    /// complete only when the call returns. Pass `ifMatch` or a version when you read in ranges.
    ///
    package func getObject(
        _ object: Object, range: Range<Int64>? = nil, ifMatch: String? = nil,
        to file: Download
    ) async throws(AWSError) -> Head {
        if range == nil, file.offset == 0 { try remove(file.path, "GetObject") }
        let response = try await get(
            object, range: range, ifMatch: ifMatch,
            into: (
                .file(path: file.path, offset: file.offset), Self.limit(forBytes: file.lengthMax)
            ))
        return try head(in: response, "GetObject")
    }

    private func remove(_ path: String, _ operation: String) throws(AWSError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw fileFault(operation, "\(path) can't be replaced: \(error)")
        }
    }

    /// Reads an object's headers.
    package func headObject(_ object: Object) async throws(AWSError) -> Head {
        let response = try await send(
            Request(
                "HeadObject", action: readAction(object), .head, object, query: versionQuery(object)
            ))
        return try head(in: response, "HeadObject")
    }

    private func get(
        _ object: Object, range: Range<Int64>?, ifMatch: String?,
        into target: (sink: HTTPRequest.Sink, limit: Duration)
    ) async throws(AWSError) -> HTTPResponse {
        var headers: [HTTPField] = []
        if let range {
            precondition(!range.isEmpty, "S3 has no empty ranges.")
            headers.append(
                HTTPField("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"))
        }
        if let ifMatch { headers.append(HTTPField("If-Match", ifMatch)) }
        return try await send(
            Request(
                "GetObject", action: readAction(object), .get, object, query: versionQuery(object),
                headers: headers, sink: target.sink, limit: target.limit))
    }

    private func readAction(_ object: Object) -> String {
        object.version == nil ? "s3:GetObject" : "s3:GetObjectVersion"
    }

    // MARK: - Delete

    /// Deletes an object, if there is one. In a bucket with versions, S3 only hides the object.
    package func deleteObject(_ object: Object) async throws(AWSError) {
        _ = try await send(
            Request(
                "DeleteObject", action: "s3:DeleteObject", .delete, object,
                query: versionQuery(object)))
    }
}
