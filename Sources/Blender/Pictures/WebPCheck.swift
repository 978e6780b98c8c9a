/// WebP's container (RFC 9649, section 2.4): the file has the length that its head states.
enum WebPCheck {
    static func check(_ file: PictureFile) throws(PictureFault) -> PixelSize? {
        let head = try file.read(min(12, Int(file.byteCount)), in: "the head")
        let mark = Array("RIFF".utf8)
        guard mark.starts(with: head.prefix(4)) else { throw .otherFormat(expected: "WebP") }
        guard head.count == 12 else { throw .truncated("the head") }
        guard Array(head[8...]) == Array("WEBP".utf8) else { throw .otherFormat(expected: "WebP") }
        let byteCount = Int64(head.littleEndian32(at: 4)) + 8
        guard byteCount <= file.byteCount else { throw .truncated("the pixels") }
        guard byteCount == file.byteCount else { throw .damaged("bytes follow the picture") }
        return nil
    }
}
