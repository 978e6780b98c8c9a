/// Reads the catalogue from its start, part by part.
struct CatalogueCursor {
    let block: BlockWalk.Block
    let layout: FileLayout
    /// Bytes of a name. Blender's longest has about forty. Many fields may share a name, so long
    /// names would multiply the work.
    private static let nameCountMax = 255
    private(set) var offset = 0

    init(block: BlockWalk.Block, layout: FileLayout) {
        self.block = block
        self.layout = layout
    }

    private func corrupt(_ reason: String) -> BlendFileError {
        .corrupt(at: block.offset + Int64(offset), reason: reason)
    }

    mutating func skip(_ count: Int) throws(BlendFileError) {
        guard count <= block.body.count - offset else {
            throw corrupt("its catalogue of structures ends too early")
        }
        offset += count
    }

    mutating func number(_ count: Int) throws(BlendFileError) -> Int {
        let start = offset
        try skip(count)
        return Int(layout.unsigned(block.body[...], at: start, count: count))
    }

    /// Parts begin at multiples of four bytes.
    mutating func tag(_ name: StaticString) throws(BlendFileError) {
        offset = min((offset + 3) / 4 * 4, block.body.count)
        let start = offset
        try skip(4)
        let isThere = name.withUTF8Buffer { unsafe $0.elementsEqual(block.body[start..<offset]) }
        guard isThere else {
            throw corrupt("its catalogue of structures has no part \(name)")
        }
    }

    /// Names, types and structures have 16-bit numbers.
    mutating func count() throws(BlendFileError) -> Int {
        let count = try number(4)
        guard count <= 1 << 16 else {
            throw corrupt("its catalogue of structures is too long")
        }
        return count
    }

    mutating func names() throws(BlendFileError) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for _ in 0..<(try count()) {
            guard let end = block.body[offset...].firstIndex(of: 0) else {
                throw corrupt("its catalogue of structures ends too early")
            }
            guard end - offset <= Self.nameCountMax else {
                throw corrupt("its catalogue of structures has an invalid name")
            }
            ranges.append(offset..<end)
            offset = end + 1
        }
        return ranges
    }
}
