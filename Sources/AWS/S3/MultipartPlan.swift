/// How a multipart upload cuts a file into parts.
package struct MultipartPlan: Hashable, Sendable {
    /// S3 takes parts of 5 MiB to 5 GiB (the last may be smaller), and 10,000 parts for one object.
    static let partBytesMin: Int64 = 5 << 20
    static let partsMax: Int64 = 10_000

    /// In bytes. A file up to this size is sent in one request.
    package var singleBytesMax: Int64
    /// In bytes. The parts are larger where the file would otherwise have too many.
    package var partBytes: Int64
    /// How many parts are sent at the same time.
    package var concurrencyMax: Int

    package init(
        singleBytesMax: Int64 = 32 << 20, partBytes: Int64 = 16 << 20, concurrencyMax: Int = 4
    ) {
        precondition(partBytes >= Self.partBytesMin, "S3 refuses parts below 5 MiB.")
        precondition(concurrencyMax >= 1, "An upload sends at least one part at a time.")
        self.singleBytesMax = singleBytesMax
        self.partBytes = partBytes
        self.concurrencyMax = concurrencyMax
    }

    /// One part of a file, in bytes. The first part has the number 1.
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
