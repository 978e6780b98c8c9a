/// How a file is cut for a multipart upload.
package struct MultipartPlan: Hashable, Sendable {
    /// S3's bounds: parts of 5 MiB (but the last) to 5 GiB, at most 10,000 of them.
    static let partBytesMin: Int64 = 5 << 20
    static let partsMax: Int64 = 10_000

    /// Up to this size a file is put in one request.
    package var singleBytesMax: Int64
    /// Grows for files that would have more parts than S3 takes.
    package var partBytes: Int64
    /// Parts on their way at one time.
    package var concurrencyMax: Int

    package init(
        singleBytesMax: Int64 = 32 << 20, partBytes: Int64 = 16 << 20, concurrencyMax: Int = 4
    ) {
        precondition(partBytes >= Self.partBytesMin, "S3 takes no parts below 5 MiB.")
        precondition(concurrencyMax >= 1, "At least one part must be on its way.")
        self.singleBytesMax = singleBytesMax
        self.partBytes = partBytes
        self.concurrencyMax = concurrencyMax
    }

    /// One part of a file. Numbers start with 1.
    struct Part: Hashable, Sendable {
        let number: Int
        let offset: Int64
        let length: Int64
    }

    func parts(of length: Int64) -> [Part] {
        let needed = (length + Self.partsMax - 1) / Self.partsMax
        let size = max(partBytes, needed)
        return stride(from: Int64(0), to: length, by: Int64.Stride(size)).enumerated().map {
            Part(number: $0.offset + 1, offset: $0.element, length: min(size, length - $0.element))
        }
    }
}
