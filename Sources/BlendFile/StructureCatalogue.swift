/// The structures a .blend's blocks hold, as the file itself lays them out ("SDNA").
///
///     SDNA │ NAME n  names, each ended by 0 │ TYPE n  names │ TLEN  sizes │ STRC n  structures
///
/// A structure is its type and its fields, each a type and a name; the name carries `*` for a
/// pointer and `[n]` for an array. Source: Blender's source/blender/makesdna/intern/dna_genfile.cc.
struct StructureCatalogue: Sendable {
    /// One structure's fields: pairs of 16-bit numbers of a type and a name.
    private struct Structure {
        var type: Int
        /// Where the first pair is.
        var start: Int
        var fieldCount: Int
    }

    let layout: FileLayout
    private let bytes: [UInt8]
    private let names: [Range<Int>]
    private let types: [String]
    private let typeSizes: [Int]
    private let structures: [Structure]
    /// By type. The first wins, though no real file has two.
    private let structureOfType: [Int: Int]

    init(_ block: BlockWalk.Block, layout: FileLayout) throws(BlendFileError) {
        var cursor = CatalogueCursor(block: block, layout: layout)
        try cursor.tag("SDNA")
        try cursor.tag("NAME")
        names = try cursor.names()
        try cursor.tag("TYPE")
        types = try cursor.names().map { String(decoding: block.body[$0], as: UTF8.self) }
        try cursor.tag("TLEN")
        var sizes: [Int] = []
        for _ in types {
            sizes.append(try cursor.number(2))
        }
        typeSizes = sizes
        try cursor.tag("STRC")
        var found: [Structure] = []
        for _ in 0..<(try cursor.count()) {
            let type = try cursor.number(2)
            let fieldCount = try cursor.number(2)
            found.append(Structure(type: type, start: cursor.offset, fieldCount: fieldCount))
            try cursor.skip(fieldCount * 4)
        }
        structures = found
        structureOfType = Dictionary(
            found.enumerated().map { ($0.element.type, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        bytes = block.body
        self.layout = layout
    }

    /// One field of a structure, as the file lays it out.
    struct Field: Hashable, Sendable {
        var offset: Int
        var byteCount: Int
        var isPointer: Bool
        /// The name of the field's type, such as `int`.
        var type: String
        fileprivate var typeNumber: Int
    }

    /// The type of the structure with this number, or `nil` where there is none.
    func type(ofStructure number: Int) -> String? {
        guard structures.indices.contains(number),
            types.indices.contains(structures[number].type)
        else { return nil }
        return types[structures[number].type]
    }

    /// The field that `path` leads to, as `["r", "im_format", "imtype"]` does from a scene; `nil` where
    /// the file has no such field, as older files lack newer ones.
    func field(_ path: [String], ofStructure number: Int) -> Field? {
        var found: Field?
        var structure = number
        for name in path {
            if let outer = found {
                guard !outer.isPointer, let inner = structureOfType[outer.typeNumber] else {
                    return nil
                }
                structure = inner
            }
            guard var field = field(name, ofStructure: structure) else { return nil }
            field.offset += found?.offset ?? 0
            found = field
        }
        return found
    }

    private func field(_ wanted: String, ofStructure number: Int) -> Field? {
        guard structures.indices.contains(number) else { return nil }
        let structure = structures[number]
        var offset = 0
        for index in 0..<structure.fieldCount {
            let pair = structure.start + 4 * index
            let type = Int(layout.unsigned(bytes[...], at: pair, count: 2))
            let nameNumber = Int(layout.unsigned(bytes[...], at: pair + 2, count: 2))
            guard typeSizes.indices.contains(type), names.indices.contains(nameNumber) else {
                return nil
            }
            let name = DecoratedName(bytes[names[nameNumber]])
            let unit = name.isPointer ? layout.pointerSize : typeSizes[type]
            let (byteCount, overflow) = unit.multipliedReportingOverflow(by: name.elementCount)
            // No block that is read is as long as this, and sums of it can't overflow.
            guard !overflow, byteCount <= 1 << 24 else { return nil }
            if name.plain.elementsEqual(wanted.utf8) {
                return Field(
                    offset: offset, byteCount: byteCount, isPointer: name.isPointer,
                    type: types[type], typeNumber: type)
            }
            offset += byteCount
        }
        return nil
    }
}

/// A field's name as the catalogue has it: `*next`, `name[66]`, `mat[4][4]`, `(*call)()`.
private struct DecoratedName {
    var plain: ArraySlice<UInt8>
    var isPointer: Bool
    var elementCount: Int

    init(_ name: ArraySlice<UInt8>) {
        let start = name.firstIndex { $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "(") }
        let bare = name[(start ?? name.endIndex)...]
        isPointer = bare.startIndex != name.startIndex
        let end = bare.firstIndex { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: ")") }
        plain = bare[..<(end ?? bare.endIndex)]
        // The product of the numbers in brackets, held below what could overflow.
        var product = 1
        var number: Int?
        for letter in bare[plain.endIndex...] {
            switch letter {
            case UInt8(ascii: "["):
                number = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number.map { min($0 * 10 + Int(letter - UInt8(ascii: "0")), 1 << 24) }
            case UInt8(ascii: "]"):
                product = min(product * (number ?? 1), 1 << 24)
                number = nil
            default:
                break
            }
        }
        elementCount = product
    }
}

/// Reads the catalogue from its start, part by part.
private struct CatalogueCursor {
    let block: BlockWalk.Block
    let layout: FileLayout
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
            throw corrupt("its catalogue of structures is cut short")
        }
        offset += count
    }

    mutating func number(_ count: Int) throws(BlendFileError) -> Int {
        let start = offset
        try skip(count)
        return Int(layout.unsigned(block.body[...], at: start, count: count))
    }

    /// Parts begin at multiples of four.
    mutating func tag(_ name: StaticString) throws(BlendFileError) {
        offset = min((offset + 3) / 4 * 4, block.body.count)
        let start = offset
        try skip(4)
        let isThere = name.withUTF8Buffer { unsafe $0.elementsEqual(block.body[start..<offset]) }
        guard isThere else {
            throw corrupt("its catalogue of structures has no part \(name)")
        }
    }

    /// Names, types and structures are numbered by 16 bits.
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
                throw corrupt("its catalogue of structures is cut short")
            }
            ranges.append(offset..<end)
            offset = end + 1
        }
        return ranges
    }
}
