package import AWS
package import Farm

/// Slices in S3, next to the frames. A listing shows every earlier PUT (S3 is strongly consistent
/// since 2020). When workers finish a frame's slices together, the last one sees all of them.
package struct S3SliceStore: SliceStore {
    private let s3: S3
    private let bucket: String

    package init(_ s3: S3, bucket: String) {
        self.s3 = s3
        self.bucket = bucket
    }

    package func store(
        _ range: SampleRange, of frame: FrameName, from path: String
    ) async throws(PortError) {
        do throws(AWSError) {
            try await s3.upload(
                S3.FileUpload(
                    path, to: object(SliceName.key(range, of: frame)),
                    label: S3.Label(contentType: ImageFormat.multilayerEXR.contentType)))
        } catch {
            throw PortError(error, "store the \(range) of \(frame.fileName) of \(frame.job)")
        }
    }

    package func ranges(of frame: FrameName) async throws(PortError) -> [SampleRange] {
        let prefix = SliceName.prefix(of: frame)
        return try await keys(of: frame).compactMap {
            SliceName.range(fileName: String($0.dropFirst(prefix.count)))
        }
    }

    package func download(
        _ range: SampleRange, of frame: FrameName, to path: String
    ) async throws(PortError) {
        do throws(AWSError) {
            _ = try await s3.getObject(
                object(SliceName.key(range, of: frame)),
                to: S3.Download(path, lengthMax: Self.sliceBytesMax))
        } catch {
            throw PortError(error, "fetch the \(range) of \(frame.fileName) of \(frame.job)")
        }
    }

    package func shares(of frame: FrameName) async throws(PortError) -> Int? {
        let content: S3.Content
        do throws(AWSError) {
            content = try await s3.getObject(object(SliceName.sharesKey(of: frame)))
        } catch {
            if error.status == 404 { return nil }
            throw PortError(error, "read the shares of \(frame.fileName) of \(frame.job)")
        }
        guard let count = Int(String(decoding: content.bytes, as: UTF8.self)),
            SliceTerms.sharesBounds.contains(count)
        else {
            throw PortError(
                .malformed, "read the shares of \(frame.fileName) of \(frame.job)",
                "\(SliceName.sharesKey(of: frame)) does not hold a number of shares; remove it")
        }
        return count
    }

    package func agree(onShares count: Int, of frame: FrameName) async throws(PortError) -> Int {
        let operation = "agree on the shares of \(frame.fileName) of \(frame.job)"
        do throws(AWSError) {
            try await s3.putObject(
                object(SliceName.sharesKey(of: frame)), .bytes(Array("\(count)".utf8)),
                label: S3.Label(contentType: "text/plain"), isNewOnly: true)
            return count
        } catch {
            // If an answer is lost, the request is sent again, and the second one finds the first
            // one's object.
            guard error.status == 412 else { throw PortError(error, operation) }
        }
        guard let agreed = try await shares(of: frame) else {
            throw PortError(.unavailable, operation, "it has disappeared; try again")
        }
        return agreed
    }

    package func removeAll(of frame: FrameName) async throws(PortError) {
        for key in try await keys(of: frame) {
            do throws(AWSError) {
                try await s3.deleteObject(object(key))
            } catch {
                throw PortError(error, "remove the slices of \(frame.fileName) of \(frame.job)")
            }
        }
    }

    private func keys(of frame: FrameName) async throws(PortError) -> [String] {
        do throws(AWSError) {
            let listing = try await s3.listAllObjects(
                bucket: bucket, prefix: SliceName.prefix(of: frame), countMax: Self.slicesMax)
            return listing.entries.map(\.key)
        } catch {
            throw PortError(error, "list the slices of \(frame.fileName) of \(frame.job)")
        }
    }

    private func object(_ key: String) -> S3.Object { S3.Object(bucket: bucket, key: key) }

    /// An 8K picture with twenty passes has 10 GB. This only sets a download's time limit.
    private static let sliceBytesMax: Int64 = 10 << 30
    /// Slices of one minute for a month.
    private static let slicesMax = 50_000
}
