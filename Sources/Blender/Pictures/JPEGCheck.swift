/// JPEG (ITU-T T.81, annex B): markers and segments up to the end marker.
///
/// The entropy-coded data is not decoded. So the check finds a cut file, and no flipped bit in that
/// data.
enum JPEGCheck {
    static func check(_ file: PictureFile, _ asked: AskedSize) throws(PictureFault) -> PixelSize {
        let magic = try file.read(min(3, Int(file.byteCount)), in: "the start marker")
        guard [0xFF, 0xD8, 0xFF].starts(with: magic) else { throw .otherFormat(expected: "JPEG") }
        guard magic.count == 3 else { throw .truncated("the start marker") }
        try file.seek(to: 2, for: "the first segment")
        var size: PixelSize?
        while true {
            let marker = try readMarker(file)
            switch marker {
            case 0xD9:
                guard file.remaining == 0 else { throw .damaged("bytes follow the picture") }
                guard let size else { throw .damaged("it has no frame") }
                return size
            case 0x01, 0xD0...0xD7:
                continue
            default:
                let segment = try readSegment(file)
                if isFrame(marker) {
                    guard segment.count >= 5 else { throw .damaged("a frame's head is short") }
                    let found = PixelSize(
                        width: segment.bigEndian16(at: 3), height: segment.bigEndian16(at: 1))
                    try asked.compare(found)
                    size = found
                }
                if marker == 0xDA { try skipScan(file) }
            }
        }
    }

    /// SOF0…SOF15 without DHT, JPG and DAC, which share the numbers.
    private static func isFrame(_ marker: UInt8) -> Bool {
        (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
    }

    private static func readMarker(_ file: PictureFile) throws(PictureFault) -> UInt8 {
        let bytes = try file.read(2, in: "a marker")
        guard bytes[0] == 0xFF, bytes[1] != 0x00 else { throw .damaged("a marker is missing") }
        return bytes[1]
    }

    private static func readSegment(_ file: PictureFile) throws(PictureFault) -> [UInt8] {
        let length = try file.read(2, in: "a segment").bigEndian16(at: 0)
        guard length >= 2 else { throw .damaged("a segment's length is wrong") }
        guard length - 2 <= PictureFile.pieceMax else { throw .damaged("a segment is too long") }
        return try file.read(length - 2, in: "a segment")
    }

    /// Goes to the marker that ends the scan: `FF` that is not followed by `00` or a restart
    /// marker.
    private static func skipScan(_ file: PictureFile) throws(PictureFault) {
        var isAfterFF = false
        while file.remaining > 0 {
            let start = file.position
            let count = Int(min(file.remaining, Int64(PictureFile.pieceMax)))
            let piece = try file.read(count, in: "the pixels")
            for (index, byte) in piece.enumerated() {
                if isAfterFF, byte != 0x00, byte != 0xFF, !(0xD0...0xD7).contains(byte) {
                    try file.seek(to: start + Int64(index) - 1, for: "the pixels")
                    return
                }
                isAfterFF = byte == 0xFF
            }
        }
        throw .truncated("the pixels")
    }
}
