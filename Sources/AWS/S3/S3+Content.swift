internal import Digest
internal import FoundationEssentials
internal import HTTP

/// Objects that are known by their bytes' hash: what is under such a key can never be anything else.
extension S3 {
    /// A file as it was when it was hashed.
    package struct HashedFile: Hashable, Sendable {
        package let path: String
        package let byteCount: Int64
        /// In hexadecimal digits.
        package let sha256: String
        /// The same in base64, as S3 keeps it with an object.
        let checksum: String
        let plan: MultipartPlan
        /// Of the parts by `plan`.
        let partHashes: [String]
    }

    /// Reads a file once.
    package func hash(
        file path: String, parts plan: MultipartPlan = MultipartPlan()
    ) async throws(AWSError) -> HashedFile {
        let operation = "PutObject"
        let length = try size(ofFile: path, operation)
        let slices = plan.parts(of: length).map {
            FileSlice(path: path, offset: $0.offset, length: $0.length)
        }
        do throws(FileReadError) {
            let (whole, parts) = try await FileSlice.sha256(of: slices)
            return HashedFile(
                path: path, byteCount: length, sha256: hex(whole),
                checksum: Data(whole).base64EncodedString(), plan: plan,
                partHashes: parts.map { hex($0) })
        } catch {
            throw fileFault(operation, error.description)
        }
    }

    /// Puts the bytes that were hashed, or nothing: S3 checks each request against its hash. What is
    /// sent of a large file stays when the call fails, and the next one goes on there.
    ///
    /// - Parameter isNewOnly: An object that is there already stays, which is no error.
    package func uploadHashed(
        _ file: HashedFile, to object: Object, isNewOnly: Bool, kept: KeptUpload,
        sent: (@Sendable (Int64) -> Void)? = nil
    ) async throws(AWSError) {
        let operation = "PutObject"
        guard try size(ofFile: file.path, operation) == file.byteCount else {
            throw changed(file.path, operation)
        }
        do throws(AWSError) {
            if file.byteCount > file.plan.singleBytesMax {
                let cut = CutFile(
                    path: file.path, parts: file.plan.parts(of: file.byteCount),
                    hashes: file.partHashes)
                _ = try await resumeParts(
                    cut, to: object, label: Label(), plan: file.plan, kept: kept, sent: sent)
            } else {
                var headers = [HTTPField("x-amz-checksum-sha256", file.checksum)]
                if isNewOnly { headers.append(HTTPField("If-None-Match", "*")) }
                _ = try await put(
                    object, .file(path: file.path, offset: 0, length: file.byteCount),
                    hash: file.sha256, headers: headers)
                sent?(file.byteCount)
            }
        } catch {
            if isNewOnly, error.isPreconditionFailure { return }
            let isOther = ["BadDigest", "XAmzContentSHA256Mismatch"].contains(error.code)
            guard isOther else { throw error }
            throw changed(file.path, operation)
        }
    }

    func changed(_ path: String, _ operation: String) -> AWSError {
        fileFault(operation, "\(path) changed while it was sent")
    }
}
