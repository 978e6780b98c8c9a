/// TIFF 6.0, section 2: the head, and a first directory within the file.
enum TIFFCheck {
    static func check(_ file: PictureFile) throws(PictureFault) -> PixelSize? {
        let head = try file.read(min(8, Int(file.byteCount)), in: "the head")
        let isLittle = [0x49, 0x49, 0x2A, 0x00].starts(with: head.prefix(4))
        guard isLittle || [0x4D, 0x4D, 0x00, 0x2A].starts(with: head.prefix(4)) else {
            throw .otherFormat(expected: "TIFF")
        }
        guard head.count == 8 else { throw .truncated("the head") }
        let directory = isLittle ? head.littleEndian32(at: 4) : head.bigEndian32(at: 4)
        guard directory >= 8 else { throw .truncated("the directory, never written") }
        try file.seek(to: Int64(directory), for: "the directory")
        let bytes = try file.read(2, in: "the directory")
        let count = isLittle ? Int(bytes[0]) | Int(bytes[1]) << 8 : bytes.bigEndian16(at: 0)
        guard count > 0, Int64(count) * 12 + 4 <= file.remaining else {
            throw .truncated("the directory")
        }
        return nil
    }
}
