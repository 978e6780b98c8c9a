/// OpenEXR file layout, version 2: header, offset table, blocks of scan lines.
///
/// Blender writes one part of scan lines, multilayer or not. Of other kinds (tiled, deep, several
/// parts) only the header is looked at.
enum EXRCheck {
    static func check(
        _ file: PictureFile
    ) throws(PictureFault) -> (size: PixelSize, isBlank: Bool?) {
        let header = try EXRHeader(file)
        return (header.size, header.isPlain ? try checkBlocks(of: file, header) : nil)
    }

    /// Answers whether they show nothing; `nil` where that can't be told.
    private static func checkBlocks(
        of file: PictureFile, _ header: EXRHeader
    ) throws(PictureFault) -> Bool? {
        var blankness = EXRBlankness(header)
        let table = header.byteCount
        let rows = try rowsInBlock(header.compression)
        let blockCount = (header.size.height + rows - 1) / rows
        let end = table + Int64(blockCount) * 8
        guard end <= file.byteCount else { throw .truncated("the offset table") }
        for block in 0..<blockCount {
            try file.seek(to: table + Int64(block) * 8, for: "the offset table")
            let entry = try file.read(8, in: "the offset table")
            guard entry[7] & 0x80 == 0 else { throw .damaged("an offset is negative") }
            let offset =
                Int64(entry.littleEndian32(at: 0))
                | Int64(entry.littleEndian32(at: 4)) << 32
            // A writer that was ended leaves zeros.
            guard offset >= end else { throw .truncated("block \(block), never written") }
            try file.seek(to: offset, for: "block \(block)")
            let head = try file.read(8, in: "block \(block)")
            let length = head.littleEndianInt32(at: 4)
            guard length >= 0 else { throw .damaged("block \(block) has a negative length") }
            guard Int64(length) <= file.remaining else { throw .truncated("block \(block)") }
            guard let looked = blankness, looked.isBlank else { continue }
            try blankness?.look(
                at: file, length, rowCount: min(rows, header.size.height - block * rows),
                in: "block \(block)")
        }
        return blankness?.isBlank
    }

    private static func rowsInBlock(_ compression: UInt8) throws(PictureFault) -> Int {
        switch compression {
        case 0, 1, 2: 1  // none, RLE, ZIPS
        case 3, 5: 16  // ZIP, PXR24
        case 4, 6, 7, 8: 32  // PIZ, B44, B44A, DWAA
        case 9: 256  // DWAB
        default: throw .damaged("the header names an unknown compression")
        }
    }
}
