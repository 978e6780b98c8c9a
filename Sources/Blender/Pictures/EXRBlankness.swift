/// Whether an OpenEXR picture shows nothing: zero in each of its colors' values, or in its alpha's.
///
/// In a file of several layers the composite counts. Without a composite, the combined pass of each
/// layer counts. They may be in any part of the file. Blocks are unpacked until one shows
/// something. In most pictures the first block does.
struct EXRBlankness {
    /// Bytes of an unpacked block. It is in memory four times: see `unpack`.
    private static let blockByteCountMax = PictureLimits.memoryMax / 4

    private struct Part {
        let compression: UInt8
        var rowByteCount = 0
        /// The places of the values in a row.
        var colors: [Range<Int>] = []
        var alphas: [Range<Int>] = []

        /// No compression, ZIPS (one deflated row) and ZIP (sixteen deflated rows).
        var canBeRead: Bool {
            [0, 2, 3].contains(compression)
                && rowByteCount * (compression == 3 ? 16 : 1) <= blockByteCountMax
        }

        init(_ header: EXRHeader, _ shown: Set<String>) {
            compression = header.compression
            for channel in header.channels {
                let start = rowByteCount
                rowByteCount += header.size.width * (channel.type == 1 ? 2 : 4)
                guard shown.contains(channel.name) else { continue }
                if channel.name.hasSuffix("A") {
                    alphas.append(start..<rowByteCount)
                } else {
                    colors.append(start..<rowByteCount)
                }
            }
        }
    }

    private let parts: [Part]
    private var isBlack = true
    private var isClear: Bool

    /// `nil` where the pixels are not checked: other compressions, pictures without colors, and
    /// blocks that are too large for memory.
    init?(_ headers: [EXRHeader]) {
        let shown = Self.shown(headers.flatMap(\.channels).map(\.name))
        parts = headers.map { Part($0, shown) }
        isClear = parts.contains { !$0.alphas.isEmpty }
        let colored = parts.filter { !$0.colors.isEmpty }
        guard !colored.isEmpty, colored.allSatisfy(\.canBeRead) else { return nil }
    }

    var isBlank: Bool { isBlack || isClear }

    /// Whether a part has a color channel of the picture.
    func shows(_ part: Int) -> Bool { !parts[part].colors.isEmpty }

    /// Blender names channels `R`, or `Composite.Combined.R` and `Layer.Combined.R`.
    private static func shown(_ names: [String]) -> Set<String> {
        let ends = ["R", "G", "B", "V", "Y", "A"]
        let combined = names.filter { name in ends.contains { name.hasSuffix(".Combined.\($0)") } }
        let composite = combined.filter { $0.hasPrefix("Composite.") }
        return Set(composite + (composite.isEmpty ? combined : []) + names.filter(ends.contains))
    }

    /// A block whose content comes next in the file.
    struct Block {
        /// As messages name it.
        let name: String
        let part: Int
        let rowCount: Int
        /// Bytes in the file.
        let length: Int
    }

    func byteCount(of block: Block) -> Int { parts[block.part].rowByteCount * block.rowCount }

    mutating func look(at block: Block, of file: PictureFile) throws(PictureFault) {
        let part = parts[block.part]
        let place = block.name
        let byteCount = byteCount(of: block)
        // Rows that compression would not make smaller are stored without it.
        guard block.length <= byteCount else { throw .damaged("\(place) has too many pixels") }
        var bytes: [UInt8] = []
        try file.readPieces(Int64(block.length), in: place) { bytes += $0 }
        let isPlain = part.compression == 0 || block.length == byteCount
        let rows = isPlain ? bytes : try Self.unpack(bytes, to: byteCount, place)
        guard rows.count == byteCount else { throw .damaged("\(place) has too few pixels") }
        for start in stride(from: 0, to: byteCount, by: part.rowByteCount) {
            if isBlack { isBlack = isZero(part.colors, in: rows, from: start) }
            if isClear { isClear = isZero(part.alphas, in: rows, from: start) }
        }
    }

    private func isZero(_ spans: [Range<Int>], in rows: [UInt8], from start: Int) -> Bool {
        spans.allSatisfy { span in
            rows[(start + span.lowerBound)..<(start + span.upperBound)].allSatisfy { $0 == 0 }
        }
    }

    /// The deflated bytes are differences: first of the bytes at even places, then of the others.
    private static func unpack(
        _ bytes: [UInt8], to byteCount: Int, _ place: String
    ) throws(PictureFault) -> [UInt8] {
        var split: [UInt8] = []
        let inflater = try Inflater()
        try inflater.inflate(bytes) { (piece) throws(PictureFault) in
            split += piece
            guard split.count <= byteCount else { throw .damaged("\(place) has too many pixels") }
        }
        guard inflater.isFinished else { throw .truncated("the pixels") }
        for index in split.indices.dropFirst() {
            split[index] = split[index - 1] &+ split[index] &- 128
        }
        let half = (split.count + 1) / 2
        return split.indices.map { split[$0 % 2 == 0 ? $0 / 2 : half + $0 / 2] }
    }
}
