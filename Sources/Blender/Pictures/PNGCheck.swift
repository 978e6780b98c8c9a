/// PNG, second edition (ISO/IEC 15948): sections 5 (chunks), 10 (compression), 11 (IHDR).
enum PNGCheck {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func check(
        _ file: PictureFile, _ asked: AskedSize
    ) throws(PictureFault) -> (size: PixelSize, isBlank: Bool?) {
        let magic = try file.read(min(8, Int(file.byteCount)), in: "the signature")
        guard signature.starts(with: magic) else { throw .otherFormat(expected: "PNG") }
        guard magic.count == 8 else { throw .truncated("the signature") }
        let header = try Header(chunk: readHeader(file))
        try asked.compare(header.size)
        var pixels = Pixels(header, try Inflater())
        while true {
            let (length, type) = try readChunkHead(file)
            try readChunk(length, type, of: file) { (piece) throws(PictureFault) in
                if type == "IDAT" { try pixels.take(piece) }
            }
            if type == "IEND" {
                guard length == 0 else { throw .damaged("IEND is not empty") }
                break
            }
        }
        guard file.remaining == 0 else { throw .damaged("bytes follow the picture") }
        try pixels.finish()
        return (header.size, pixels.isBlank)
    }

    private static func readHeader(_ file: PictureFile) throws(PictureFault) -> [UInt8] {
        let (length, type) = try readChunkHead(file)
        guard type == "IHDR", length == 13 else { throw .damaged("IHDR is not first") }
        var bytes: [UInt8] = []
        try readChunk(length, type, of: file) { (piece) throws(PictureFault) in bytes += piece }
        return bytes
    }

    private static func readChunkHead(
        _ file: PictureFile
    ) throws(PictureFault) -> (length: Int64, type: String) {
        let head = try file.read(8, in: "a chunk's head")
        let type = String(decoding: head[4...], as: UTF8.self)
        // A flipped bit may state a length of gigabytes, beyond the file's end.
        return (Int64(head.bigEndian32(at: 0)), type)
    }

    /// Reads the data and CRC of a chunk. Its head was read before.
    private static func readChunk(
        _ length: Int64, _ type: String, of file: PictureFile,
        _ body: ([UInt8]) throws(PictureFault) -> Void
    ) throws(PictureFault) {
        var sum = checksum(Array(type.utf8))
        try file.readPieces(length, in: "chunk \(type)") { (piece) throws(PictureFault) in
            sum = checksum(piece, from: sum)
            try body(piece)
        }
        let stored = try file.read(4, in: "chunk \(type)").bigEndian32(at: 0)
        guard UInt(stored) == sum else { throw .damaged("the checksum of chunk \(type) is wrong") }
    }

    private struct Header {
        let size: PixelSize
        /// Bytes of one row without its filter byte.
        let rowByteCount: Int
        /// `nil` for colors from a palette, which Blender never writes.
        let blankness: Blankness?

        init(chunk: [UInt8]) throws(PictureFault) {
            size = try PixelSize(stated: chunk.bigEndian32(at: 0), chunk.bigEndian32(at: 4))
            let depth = Int(chunk[8])
            let channels: [UInt8: Int] = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4]
            guard let count = channels[chunk[9]], [1, 2, 4, 8, 16].contains(depth) else {
                throw .damaged("IHDR has an unknown colour type or depth")
            }
            guard chunk[10] == 0, chunk[11] == 0 else { throw .damaged("unknown compression") }
            guard chunk[12] == 0 else { throw .damaged("interlaced, which Blender never writes") }
            rowByteCount = (size.width * count * depth + 7) / 8
            blankness =
                chunk[9] == 3
                ? nil
                : Blankness(
                    channels: count, hasAlpha: chunk[9] & 4 != 0, depth: depth,
                    rowByteCount: rowByteCount)
        }
    }

    /// Counts the bytes of the rows, checks each row's filter, and checks whether a row shows
    /// anything.
    private struct Pixels {
        private let header: Header
        private let inflater: Inflater
        private let byteCountExpected: Int
        private var byteCount = 0
        private var blankness: Blankness?

        var isBlank: Bool? { blankness?.isBlank }

        init(_ header: Header, _ inflater: Inflater) {
            self.header = header
            blankness = header.blankness
            self.inflater = inflater
            byteCountExpected = (header.rowByteCount + 1) * header.size.height
        }

        mutating func take(_ piece: [UInt8]) throws(PictureFault) {
            try inflater.inflate(piece) { (bytes) throws(PictureFault) in try count(bytes) }
        }

        private mutating func count(_ bytes: ArraySlice<UInt8>) throws(PictureFault) {
            let stride = header.rowByteCount + 1
            var next = (stride - byteCount % stride) % stride
            while next < bytes.count {
                guard bytes[bytes.startIndex + next] <= 4 else {
                    throw .damaged("a row has an unknown filter")
                }
                next += stride
            }
            byteCount += bytes.count
            guard byteCount <= byteCountExpected else { throw .damaged("too many pixels") }
            blankness?.take(bytes)
        }

        func finish() throws(PictureFault) {
            guard byteCount == byteCountExpected, inflater.isFinished else {
                throw .truncated("the pixels")
            }
        }
    }
}
