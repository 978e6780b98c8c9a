package import AWS
package import Farm
internal import FoundationEssentials

/// A job's files in the output bucket, for downloading them.
package struct S3JobFiles: Sendable {
    private let s3: S3
    private let bucket: String

    package init(_ s3: S3, bucket: String) {
        self.s3 = s3
        self.bucket = bucket
    }

    package struct File: Hashable, Sendable {
        /// The name within the job: `frames/frame_0001.png`, `logs/task-000001.1.log.gz`.
        package let name: String
        package let byteCount: Int64
        let key: String
        let etag: String
    }

    package enum Fetched: Hashable, Sendable {
        case new
        /// The file already had the same bytes.
        case present
    }

    /// Lists files in the order of their names: pictures only, or thumbnails and logs too.
    package func files(of job: JobID, picturesOnly: Bool) async throws(PortError) -> [File] {
        let all = try await files(of: job, under: "jobs/\(job)/", named: "")
        if picturesOnly { return all.filter { !$0.name.hasPrefix(JobFile.thumbnailsFolder) } }
        return try await all + files(of: job, under: "logs/\(job)/", named: "logs/")
    }

    private func files(
        of job: JobID, under prefix: String, named folder: String
    ) async throws(PortError) -> [File] {
        do throws(AWSError) {
            let listing = try await s3.listAllObjects(
                bucket: bucket, prefix: prefix, countMax: AdapterLimits.itemsMax)
            return listing.entries.map {
                File(
                    name: folder + $0.key.dropFirst(prefix.count), byteCount: $0.size, key: $0.key,
                    etag: $0.etag)
            }
        } catch {
            throw PortError(error, "list the files of \(job)")
        }
    }

    /// Downloads a file to `path`, completely and verified. An existing file with the same bytes
    /// stays, and any other is replaced, so that a repeated download fetches only what is missing.
    package func fetch(_ file: File, to path: String) async throws(PortError) -> Fetched {
        let operation = "download \(file.name)"
        if try await isThere(file, at: path, operation) { return .present }
        let part = path + ".part"
        do throws(AWSError) {
            _ = try await s3.getObject(
                S3.Object(bucket: bucket, key: file.key), ifMatch: file.etag,
                to: S3.Download(part, lengthMax: file.byteCount))
        } catch {
            remove(part)
            if error.isPreconditionFailure {
                throw PortError(
                    .unavailable, operation, "it was replaced during the download; try again")
            }
            throw PortError(error, operation)
        }
        guard try await isThere(file, at: part, operation) else {
            remove(part)
            throw PortError(
                .unavailable, operation,
                "the downloaded bytes differ from the stored ones; try again")
        }
        do {
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
            try FileManager.default.moveItem(atPath: part, toPath: path)
        } catch {
            throw PortError(.disk, operation, "\(path) could not be written: \(error)")
        }
        return .new
    }

    /// The decompressed log of an attempt, or `nil` when there is none.
    package func log(at key: String) async throws(PortError) -> [UInt8]? {
        let operation = "read the log \(key)"
        let packed: [UInt8]
        do throws(AWSError) {
            packed = try await s3.getObject(
                S3.Object(bucket: bucket, key: key), bytesMax: Self.logBytesMax
            ).bytes
        } catch {
            if error.status == 404 { return nil }
            throw PortError(error, operation)
        }
        guard let text = Gzip.decompress(packed, countMax: Self.logBytesMax) else {
            throw PortError(.malformed, operation, "it is not gzip, or incomplete")
        }
        return text
    }

    private func isThere(
        _ file: File, at path: String, _ operation: String
    ) async throws(PortError) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        do throws(AWSError) {
            return try await s3.matches(file: path, size: file.byteCount, etag: file.etag)
        } catch {
            throw PortError(error, operation)
        }
    }

    private func remove(_ part: String) {
        do {
            try FileManager.default.removeItem(atPath: part)
        } catch {
            // Usually the file was never created. Otherwise the next download overwrites it.
        }
    }

    /// Workers store the last four megabytes of a log.
    private static let logBytesMax = 64 << 20
}
