/// OpenEXR file layout, version 2: the parts' headers, an offset table for each part, and blocks of
/// scan lines.
///
/// Blender writes scan lines: in one part, multilayer or not, and from 5.0 on in one part per pass.
/// For tiles and deep data only the headers are checked.
struct EXRCheck {
    private let file: PictureFile
    private let headers: [EXRHeader]
    private let layout: EXRHeader.Layout
    /// The place of the offset tables.
    private let start: Int64
    private let end: Int64

    static func check(
        _ file: PictureFile, _ asked: AskedSize
    ) throws(PictureFault) -> (size: PixelSize, isBlank: Bool?) {
        let (headers, layout) = try EXRHeader.read(file)
        try asked.compare(headers[0].size)
        guard layout != .other else { return (headers[0].size, nil) }
        let check = try EXRCheck(file, headers, layout)
        return (headers[0].size, try check.checkBlocks())
    }

    private init(
        _ file: PictureFile, _ headers: [EXRHeader], _ layout: EXRHeader.Layout
    ) throws(PictureFault) {
        (self.file, self.headers, self.layout) = (file, headers, layout)
        start = file.position
        var end = start
        for header in headers {
            let rows = try Self.rowsInBlock(header.compression)
            end += Int64((header.size.height + rows - 1) / rows) * 8
        }
        guard end <= file.byteCount else { throw .truncated("the offset table") }
        self.end = end
    }

    /// Whether the blocks show nothing. `nil` where the pixels are not checked.
    private func checkBlocks() throws(PictureFault) -> Bool? {
        var blankness = EXRBlankness(headers)
        var entry = start
        // Blocks do not overlap. A table may name one large block a million times.
        var (unread, unpackable) = (file.byteCount, PictureLimits.unpackedByteCountMax)
        for (part, header) in headers.enumerated() {
            let rows = try Self.rowsInBlock(header.compression)
            for top in stride(from: 0, to: header.size.height, by: rows) {
                let name = "block \((entry - start) / 8)"
                let length = try enter(name, at: entry)
                entry += 8
                guard let looked = blankness, looked.isBlank, looked.shows(part) else { continue }
                let block = EXRBlankness.Block(
                    name: name, part: part, rowCount: min(rows, header.size.height - top),
                    length: length)
                unread -= Int64(length)
                guard unread >= 0 else { throw .damaged("its blocks overlap") }
                unpackable -= looked.byteCount(of: block)
                guard unpackable >= 0 else {
                    blankness = nil
                    continue
                }
                try blankness?.look(at: block, of: file)
            }
        }
        return blankness?.isBlank
    }

    /// Goes to the content of a table entry's block. Returns the content's length.
    private func enter(_ name: String, at place: Int64) throws(PictureFault) -> Int {
        try file.seek(to: place, for: "the offset table")
        let entry = try file.read(8, in: "the offset table")
        guard entry[7] & 0x80 == 0 else { throw .damaged("an offset is negative") }
        let offset =
            Int64(entry.littleEndian32(at: 0)) | Int64(entry.littleEndian32(at: 4)) << 32
        // Zero: the writer ended before it wrote this block.
        guard offset >= end else { throw .truncated("\(name), never written") }
        try file.seek(to: offset, for: name)
        // The row. In files of several parts the part's number comes first.
        _ = try file.read(layout == .parts ? 8 : 4, in: name)
        let length = try file.read(4, in: name).littleEndianInt32(at: 0)
        guard length >= 0 else { throw .damaged("\(name) has a negative length") }
        guard Int64(length) <= file.remaining else { throw .truncated(name) }
        return length
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
