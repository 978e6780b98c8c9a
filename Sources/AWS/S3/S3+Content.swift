internal import Digest
internal import FoundationEssentials
internal import HTTP

/// Objects whose key holds the hash of their bytes, so that their content never changes.
extension S3 {
    /// A file with its hashes, as the file was when it was hashed.
    package struct HashedFile: Hashable, Sendable {
        package let path: String
        package let byteCount: Int64
        /// Hexadecimal digits.
        package let sha256: String
        /// The same hash in base64: S3's format for an object's checksum.
        let checksum: String
        let plan: MultipartPlan
        /// The SHA-256 of each part of `plan`, in hexadecimal digits.
        let partHashes: [String]
    }

    /// A hashed file and the object to store it in.
    package struct HashedUpload: Hashable, Sendable {
        package let file: HashedFile
        package let object: Object
        /// Whether an existing object stays as it is. That is no error.
        package let isNewOnly: Bool

        package init(_ file: HashedFile, to object: Object, isNewOnly: Bool) {
            self.file = file
            self.object = object
            self.isNewOnly = isNewOnly
        }
    }

    /// Reads the file once and hashes the whole file and its parts.
    ///
    /// - Throws: `AWSError` with the code `FileFault` when the file can't be read.
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

    /// Uploads exactly the bytes that were hashed. S3 checks each request against its hash.
    ///
    /// When the upload of a large file fails, S3 keeps the parts that arrived, and the next call
    /// sends only the others.
    ///
    /// - Parameters:
    ///   - kept: stores the name of the multipart upload between two calls.
    ///   - sent: receives the number of bytes that each request added.
    /// - Throws: `AWSError` with the code `FileFault` when the file has changed since it was
    ///   hashed.
    package func uploadHashed(
        _ upload: HashedUpload, kept: KeptUpload, sent: (@Sendable (Int64) -> Void)? = nil
    ) async throws(AWSError) {
        let operation = "PutObject"
        let file = upload.file
        guard try size(ofFile: file.path, operation) == file.byteCount else {
            throw changed(file.path, operation)
        }
        do throws(AWSError) {
            if file.byteCount > file.plan.singleBytesMax {
                let cut = CutFile(
                    FileUpload(file.path, to: upload.object, plan: file.plan),
                    length: file.byteCount, hashes: file.partHashes)
                _ = try await resumeParts(cut, label: Label(), kept: kept, sent: sent)
            } else {
                var headers = [HTTPField("x-amz-checksum-sha256", file.checksum)]
                if upload.isNewOnly { headers.append(HTTPField("If-None-Match", "*")) }
                _ = try await put(
                    upload.object, .file(path: file.path, offset: 0, length: file.byteCount),
                    hash: file.sha256, headers: headers)
                sent?(file.byteCount)
            }
        } catch {
            if upload.isNewOnly, error.isPreconditionFailure { return }
            let isOther = ["BadDigest", "XAmzContentSHA256Mismatch"].contains(error.code)
            guard isOther else { throw error }
            throw changed(file.path, operation)
        }
    }

    func changed(_ path: String, _ operation: String) -> AWSError {
        fileFault(operation, "\(path) changed during the upload")
    }
}
