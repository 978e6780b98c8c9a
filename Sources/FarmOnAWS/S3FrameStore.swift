package import AWS
package import Farm

/// Frames and logs in S3. S3 shows a PUT completely or not at all, so every frame is complete.
package struct S3FrameStore: FrameStore, FrameReader {
    private let s3: S3
    private let bucket: String

    package init(_ s3: S3, bucket: String) {
        self.s3 = s3
        self.bucket = bucket
    }

    package func contains(_ frame: FrameName) async throws(PortError) -> Bool {
        do throws(AWSError) {
            _ = try await s3.headObject(S3.Object(bucket: bucket, key: frame.key))
            return true
        } catch {
            if error.status == 404 { return false }
            throw PortError(error, "find \(frame.fileName) of \(frame.job)")
        }
    }

    package func store(_ frame: FrameName, from path: String) async throws(PortError) {
        do throws(AWSError) {
            try await s3.upload(
                S3.FileUpload(
                    path, to: S3.Object(bucket: bucket, key: frame.key),
                    label: S3.Label(contentType: frame.format.contentType)))
        } catch {
            throw PortError(error, "store \(frame.fileName) of \(frame.job)")
        }
    }

    package func store(_ file: JobFile, from path: String) async throws(PortError) {
        do throws(AWSError) {
            try await s3.upload(
                S3.FileUpload(
                    path, to: S3.Object(bucket: bucket, key: file.key),
                    label: S3.Label(contentType: file.contentType)))
        } catch {
            throw PortError(error, "store \(file.name) of \(file.job)")
        }
    }

    package func frames(
        of job: JobID, format: ImageFormat
    ) async throws(PortError) -> [FrameName] {
        let prefix = FrameName.prefix(of: job)
        do throws(AWSError) {
            let listing = try await s3.listAllObjects(
                bucket: bucket, prefix: prefix, countMax: SplitPlan.framesMax * 2)
            return listing.entries.compactMap { entry in
                FrameName(
                    job: job, fileName: String(entry.key.dropFirst(prefix.count)), format: format)
            }
        } catch {
            throw PortError(error, "list the frames of \(job)")
        }
    }

    package func picture(_ frame: FrameName) async throws(PortError) -> [UInt8]? {
        try await bytes(frame.key, "read \(frame.fileName) of \(frame.job)")
    }

    package func contents(of file: JobFile) async throws(PortError) -> [UInt8]? {
        try await bytes(file.key, "read \(file.name) of \(file.job)")
    }

    private func bytes(_ key: String, _ operation: String) async throws(PortError) -> [UInt8]? {
        do throws(AWSError) {
            return try await s3.getObject(
                S3.Object(bucket: bucket, key: key), bytesMax: Self.pictureBytesMax
            ).bytes
        } catch {
            if error.status == 404 { return nil }
            throw PortError(error, operation)
        }
    }

    package func download(_ frame: FrameName, to path: String) async throws(PortError) {
        do throws(AWSError) {
            _ = try await s3.getObject(
                S3.Object(bucket: bucket, key: frame.key),
                to: S3.Download(path, lengthMax: Self.downloadBytesMax))
        } catch {
            throw PortError(error, "fetch \(frame.fileName) of \(frame.job)")
        }
    }

    /// An uncompressed 16-bit 8K picture has 265 MB.
    private static let pictureBytesMax = 512 << 20
    /// An 8K picture with twenty passes has 10 GB. This only sets a download's time limit.
    private static let downloadBytesMax: Int64 = 10 << 30

    package func storeLog(
        _ text: [UInt8], of task: TaskID, token: FencingToken
    ) async throws(PortError) -> String {
        let key = task.logKey(token)
        do throws(AWSError) {
            try await s3.putObject(
                S3.Object(bucket: bucket, key: key), .bytes(Gzip.compress(text)),
                label: S3.Label(contentType: "application/gzip"))
        } catch {
            throw PortError(error, "store the log of task \(task)")
        }
        return key
    }
}
