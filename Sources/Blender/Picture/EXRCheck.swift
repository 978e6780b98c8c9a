/// OpenEXR file layout, version 2: header, offset table, blocks of scan lines.
///
/// Blender writes one part of scan lines, multilayer or not. Of other kinds (tiled, deep, several
/// parts) only the header is looked at.
enum EXRCheck {
    static func check(_ file: PictureFile) throws(PictureFault) -> PixelSize {
        let magic = try file.read(min(8, Int(file.byteCount)), in: "the header")
        guard [0x76, 0x2F, 0x31, 0x01].starts(with: magic.prefix(4)) else {
            throw .otherFormat(expected: "OpenEXR file")
        }
        guard magic.count == 8 else { throw .truncated("the header") }
        let header = try Header(file)
        let flags = magic.littleEndian32(at: 4) & ~0xFF
        let tiledDeepOrParts = 0x200 | 0x800 | 0x1000
        if flags & tiledDeepOrParts == 0 { try checkBlocks(of: file, header) }
        return header.size
    }

    private static func checkBlocks(
        of file: PictureFile, _ header: Header
    ) throws(PictureFault) {
        let table = file.position
        let end = table + Int64(header.blockCount) * 8
        guard end <= file.byteCount else { throw .truncated("the offset table") }
        for block in 0..<header.blockCount {
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
        }
    }

    private struct Header {
        let size: PixelSize
        let blockCount: Int

        /// Attributes: name, type, length and value each, up to an empty name.
        init(_ file: PictureFile) throws(PictureFault) {
            var window: [UInt8] = []
            var compression: UInt8?
            // Multilayer files list every channel in one attribute; a hundred is already many.
            for _ in 0..<1000 {
                let name = try Self.readName(file)
                if name.isEmpty { break }
                _ = try Self.readName(file)
                let length = try file.read(4, in: "the header").littleEndianInt32(at: 0)
                guard length >= 0, Int64(length) <= file.remaining else {
                    throw .truncated("the header")
                }
                switch name {
                case "dataWindow" where length == 16: window = try file.read(16, in: "the header")
                case "compression" where length == 1:
                    compression = try file.read(1, in: "the header")[0]
                default: try file.seek(to: file.position + Int64(length), for: "the header")
                }
            }
            guard window.count == 16, let compression else {
                throw .damaged("the header lacks size or compression")
            }
            let corners = [0, 4, 8, 12].map(window.littleEndianInt32)
            size = PixelSize(
                width: corners[2] - corners[0] + 1, height: corners[3] - corners[1] + 1)
            guard size.width > 0, size.height > 0 else { throw .damaged("a side is zero") }
            let rows = try Self.rowsInBlock(compression)
            blockCount = (size.height + rows - 1) / rows
        }

        private static func readName(_ file: PictureFile) throws(PictureFault) -> String {
            var name: [UInt8] = []
            // Long names have up to 255 bytes.
            for _ in 0...255 {
                let byte = try file.read(1, in: "the header")[0]
                if byte == 0 { return String(decoding: name, as: UTF8.self) }
                name.append(byte)
            }
            throw .damaged("a name in the header does not end")
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
}
