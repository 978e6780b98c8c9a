/// Bounds of what the check of one picture reads and holds, and of the mean of slices. A scene
/// may write any bytes in its pictures' place.
enum PictureLimits {
    /// Bytes of memory. An unpacked block of OpenEXR needs four times its size: a hundred floats
    /// for each of 8,192 pixels in 16 rows take 200 MiB.
    static let memoryMax = 256 << 20
    /// An uncompressed picture of 8K with 60 float channels has 8 GiB. A file may state exabytes
    /// and have no content.
    static let fileByteCountMax: Int64 = 64 << 30
    /// Channels in all parts of an OpenEXR file: 50 view layers with 60 channels have 3,000.
    static let channelsMax = 1 << 14
    /// The header of a slice. Manifests of Cryptomatte take megabytes.
    static let headerByteCountMax: Int64 = 16 << 20
    /// Bytes that are unpacked to see whether a picture shows anything.
    static let unpackedByteCountMax = 4 << 30
}

/// The size that was asked for. Each check compares it before it reads pixels.
struct AskedSize: Hashable, Sendable {
    /// `nil` when it is not known.
    let exact: PixelSize?
    /// A picture that is cropped to a border is never larger.
    let limit: PixelSize?

    func compare(_ found: PixelSize) throws(PictureFault) {
        if let exact, found != exact { throw .size(found, expected: exact) }
        guard let limit, found.width > limit.width || found.height > limit.height else { return }
        throw .size(found, expected: limit)
    }
}
