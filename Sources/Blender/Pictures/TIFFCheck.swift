/// TIFF 6.0, section 2: the first directory, with every value and strip that it names.
///
/// Strips are decompressed only until one shows something. So the check finds a cut file, and no
/// flipped bit in the other strips.
enum TIFFCheck {
    static func check(
        _ file: PictureFile, _ asked: AskedSize
    ) throws(PictureFault) -> (size: PixelSize, isBlank: Bool?) {
        let head = try file.read(min(8, Int(file.byteCount)), in: "the head")
        let isLittle = [0x49, 0x49, 0x2A, 0x00].starts(with: head.prefix(4))
        guard isLittle || [0x4D, 0x4D, 0x00, 0x2A].starts(with: head.prefix(4)) else {
            throw .otherFormat(expected: "TIFF")
        }
        guard head.count == 8 else { throw .truncated("the head") }
        let directory = Directory(file: file, isLittle: isLittle)
        return try directory.check(at: directory.number(head[4...]), asked)
    }

    private struct Directory {
        /// Bytes of one value: enough for two numbers for each of 65,536 strips.
        static let valueMax = 512 << 10
        /// Sides, depths, compression, the strips' offsets and byte counts, and the order of
        /// channels. The values of other tags are not read.
        static let needed: Set<Int> = [256, 257, 258, 259, 273, 279, 284]

        let file: PictureFile
        let isLittle: Bool

        func number(_ bytes: ArraySlice<UInt8>) -> Int {
            isLittle
                ? bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
                : bytes.reduce(0) { $0 << 8 | Int($1) }
        }

        func check(
            at start: Int, _ asked: AskedSize
        ) throws(PictureFault) -> (size: PixelSize, isBlank: Bool?) {
            guard start >= 8 else { throw .truncated("the directory, never written") }
            try file.seek(to: Int64(start), for: "the directory")
            let count = number(try file.read(2, in: "the directory")[...])
            var values: [Int: [Int]] = [:]
            var last = -1
            for entry in 0..<count {
                try file.seek(to: Int64(start + 2 + entry * 12), for: "the directory")
                let bytes = try file.read(12, in: "the directory")
                let tag = number(bytes[..<2])
                // Section 2: tags are in ascending order, so no tag comes twice.
                guard tag > last else { throw .damaged("its tags are not in order") }
                last = tag
                let list = try readValues(bytes, isNeeded: Self.needed.contains(tag))
                if !list.isEmpty { values[tag] = list }
            }
            // Image width, length, strip offsets and strip byte counts.
            guard let width = values[256]?.first, let height = values[257]?.first,
                let offsets = values[273], let lengths = values[279], !offsets.isEmpty,
                offsets.count == lengths.count
            else { throw .damaged("the directory lacks sides or strips") }
            let size = try PixelSize(stated: width, height)
            try asked.compare(size)
            var unread = file.byteCount
            for (offset, length) in zip(offsets, lengths) {
                unread -= Int64(length)
                guard unread >= 0 else { throw .damaged("its strips overlap") }
                guard offset >= 8, Int64(offset) + Int64(length) <= file.byteCount else {
                    throw .truncated("a strip")
                }
            }
            return (size, try look(at: zip(offsets, lengths).map { ($0, $1) }, values, size))
        }

        /// Whether the strips show nothing. `nil` where they are not unpacked.
        private func look(
            at strips: [(offset: Int, length: Int)], _ values: [Int: [Int]], _ size: PixelSize
        ) throws(PictureFault) -> Bool? {
            // Blender writes one to four integer channels of one depth, pixel by pixel. Alpha is
            // the last channel.
            let depths = values[258] ?? [1]
            let compression = values[259]?.first ?? 1
            guard Set(depths).count == 1, depths.count <= 4, [8, 16, 32].contains(depths[0]),
                values[284]?.first ?? 1 == 1,
                // No compression, and the two numbers of zlib.
                [1, 8, 32946].contains(compression)
            else { return nil }
            let rowByteCount = size.width * depths.count * depths[0] / 8
            var blankness = Blankness(
                channels: depths.count, hasAlpha: depths.count % 2 == 0, depth: depths[0],
                rowByteCount: rowByteCount, isFiltered: false)
            var left = rowByteCount * size.height
            func take(_ bytes: ArraySlice<UInt8>) throws(PictureFault) {
                left -= bytes.count
                guard left >= 0 else { throw .damaged("its strips have too many pixels") }
                blankness.take(bytes)
            }
            for strip in strips where blankness.isBlank {
                try file.seek(to: Int64(strip.offset), for: "a strip")
                let inflater = try Inflater()
                try file.readPieces(Int64(strip.length), in: "a strip") {
                    (piece) throws(PictureFault) in
                    guard blankness.isBlank else { return }
                    if compression == 1 { return try take(piece[...]) }
                    try inflater.inflate(piece) { (bytes) throws(PictureFault) in try take(bytes) }
                }
            }
            return blankness.isBlank
        }

        /// An entry's values, if they are unsigned integers. Other values must lie within the file.
        private func readValues(
            _ entry: [UInt8], isNeeded: Bool
        ) throws(PictureFault) -> [Int] {
            // By type: BYTE, ASCII, SHORT, LONG, RATIONAL, the signed types, FLOAT, DOUBLE.
            let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8]
            let type = number(entry[2..<4])
            guard let size = sizes[type] else { throw .damaged("a value has an unknown type") }
            let byteCount = number(entry[4..<8]) * size
            var bytes = Array(entry[8...].prefix(byteCount))
            if byteCount > 4 {
                let start = Int64(number(entry[8...]))
                guard start + Int64(byteCount) <= file.byteCount else {
                    throw .truncated("a value")
                }
                guard isNeeded, type == 3 || type == 4 else { return [] }
                try file.seek(to: start, for: "a value")
                guard byteCount <= Self.valueMax else { throw .damaged("a value is too long") }
                bytes = []
                try file.readPieces(Int64(byteCount), in: "a value") { (piece) in bytes += piece }
            }
            guard isNeeded, type == 3 || type == 4 else { return [] }
            return stride(from: 0, to: bytes.count, by: size).map {
                number(bytes[$0..<$0 + size])
            }
        }
    }
}
