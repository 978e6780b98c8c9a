/// A slice's file: an OpenEXR of one part with uncompressed scan lines of 32-bit floats.
///
///     header ─ offset table ─ block of row 0 ─ … ─ block of the last row
///     block:  row's number, byte count, then each channel's floats for the row, one after another
struct FloatEXR {
    let channels: [String]
    let size: PixelSize
    let header: EXRHeader

    var rowFloatCount: Int { channels.count * size.width }

    /// - Parameter sizeMax: The frame's size. A slice is cropped to the scene's border.
    init(_ file: PictureFile, sizeMax: PixelSize? = nil) throws(PictureFault) {
        let (headers, layout) = try EXRHeader.read(file)
        let header = headers[0]
        try AskedSize(exact: nil, limit: sizeMax).compare(header.size)
        guard layout == .plain, header.compression == 0, !header.channels.isEmpty,
            header.channels.allSatisfy({ $0.type == 2 })
        else { throw .otherFormat(expected: "slice (uncompressed 32-bit floats in one part)") }
        self.header = header
        channels = header.channels.map(\.name)
        size = header.size
        guard header.end <= PictureLimits.headerByteCountMax else {
            throw .damaged("its header is too long")
        }
        // The sums of a row are doubles, and its floats are in memory twice.
        let rowByteCount = channels.count * size.width * 4
        guard rowByteCount <= PictureLimits.memoryMax / 4 else {
            throw .damaged("its rows are too long")
        }
        guard Int64(rowByteCount) * Int64(size.height) <= file.byteCount else {
            throw .truncated("the rows")
        }
    }

    /// Calls `body` with the floats of `rows` in pieces and in order. Rows count from 0. `place` is
    /// the index of a piece's first float.
    func readRows(
        _ rows: Range<Int>, of file: PictureFile,
        _ body: (_ place: Int, [UInt8]) throws(PictureFault) -> Void
    ) throws(PictureFault) {
        for row in rows {
            let entry = header.end + Int64(row) * 8
            try file.seek(to: entry, for: "the offset table")
            let offset = try file.read(8, in: "the offset table")
            guard offset[7] & 0x80 == 0 else { throw .damaged("an offset is negative") }
            let start =
                Int64(offset.littleEndian32(at: 0)) | Int64(offset.littleEndian32(at: 4)) << 32
            try file.seek(to: start, for: "row \(row)")
            let head = try file.read(8, in: "row \(row)")
            guard head.littleEndianInt32(at: 0) == header.top + row,
                head.littleEndianInt32(at: 4) == rowFloatCount * 4
            else { throw .damaged("row \(row) is not where the offset table says") }
            var place = (row - rows.lowerBound) * rowFloatCount
            try file.readPieces(Int64(rowFloatCount) * 4, in: "row \(row)") {
                (piece) throws(PictureFault) in
                try body(place, piece)
                place += piece.count / 4
            }
        }
    }

    /// The offset table of a file with this header and its rows in order.
    var offsetTable: [UInt8] {
        let first = header.end + Int64(size.height) * 8
        let block = Int64(8 + rowFloatCount * 4)
        return (0..<size.height).flatMap { row in
            let offset = UInt64(first + Int64(row) * block)
            return (0..<8).map { UInt8(truncatingIfNeeded: offset >> ($0 * 8)) }
        }
    }

    func blockHead(ofRow row: Int) -> [UInt8] {
        [header.top + row, rowFloatCount * 4].flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
    }
}
