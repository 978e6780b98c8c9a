/// Pictures made by hand: tiny, and of any stated size.
enum MadePicture {
    static func little(_ numbers: Int...) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
    }

    /// An OpenEXR of uncompressed floats whose offset table names one block for every row.
    static func exr(
        channels: [String], width: Int, height: Int, block: [UInt8] = []
    ) -> [UInt8] {
        func attribute(_ name: String, _ type: String, _ value: [UInt8]) -> [UInt8] {
            let head: [UInt8] = Array(name.utf8) + [0] + Array(type.utf8) + [0]
            return head + little(value.count) + value
        }
        let list = channels.flatMap { (name: String) -> [UInt8] in
            Array(name.utf8) + [0] + little(2, 0, 1, 1)
        }
        let header =
            little(0x0131_2F76, 2) + attribute("channels", "chlist", list + [0])
            + attribute("compression", "compression", [0])
            + attribute("dataWindow", "box2i", little(0, 0, width - 1, height - 1)) + [0]
        let table = (0..<height).flatMap { _ in little(header.count + height * 8, 0) }
        return header + table + little(0, block.count) + block
    }

    /// A TIFF's head and directory. An entry is tag, count and value, all of type LONG.
    static func tiff(_ entries: [(tag: Int, count: Int, value: Int)]) -> [UInt8] {
        let count = [UInt8(entries.count & 0xFF), UInt8(entries.count >> 8)]
        return little(0x002A_4949, 8) + count
            + entries.flatMap { little($0.tag | 4 << 16, $0.count, $0.value) } + little(0)
    }

    /// A picture of each kind that the fixtures lack.
    static let seeds: [String: [UInt8]] = [
        "jpeg": [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 4, 0, 8, 1, 1, 0x11, 0]
            + [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0] + [UInt8](repeating: 9, count: 90)
            + [0xFF, 0xD9],
        "webp": Array("RIFF".utf8) + little(100) + Array("WEBPVP8 ".utf8)
            + [UInt8](repeating: 1, count: 88),
        "tiff": tiff([
            (256, 1, 8), (257, 1, 4), (258, 1, 8), (259, 1, 1), (273, 1, 8), (279, 1, 32),
        ])
            + [UInt8](repeating: 0, count: 32),
        "exr": exr(channels: ["R"], width: 8, height: 1, block: [UInt8](repeating: 0, count: 32)),
    ]
}
