/// The layout of the structures in a .blend's blocks, from the file itself ("SDNA").
///
///     SDNA │ NAME n  names, each ended by 0 │ TYPE n  names │ TLEN  sizes │ STRC n  structures
///
/// A structure has a type and fields. A field has a type and a name, with `*` for a pointer and
/// `[n]` for an array. Source: Blender's source/blender/makesdna/intern/dna_genfile.cc.
///
/// The layout of a structure is computed when it is first needed: there are a thousand, and few are
/// needed.
final class StructureCatalogue {
    /// The fields of one structure, as pairs of 16-bit numbers for type and name.
    private struct Structure {
        var type: Int
        /// The offset of the first pair, in bytes.
        var start: Int
        var fieldCount: Int
    }

    let layout: FileLayout
    private let bytes: [UInt8]
    private let names: [Range<Int>]
    private let types: [String]
    private let typeSizes: [Int]
    private let structures: [Structure]
    /// By type. The first one counts, although no real file has two.
    private let structureOfType: [Int: Int]
    /// By structure. Each is computed once, so that the catalogue's size bounds the work.
    private var fields: [Int: [String: Field]] = [:]

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

    /// One field of a structure.
    struct Field: Hashable, Sendable {
        var offset: Int
        var byteCount: Int
        var isPointer: Bool
        fileprivate var type: Int
    }

    /// The type of the structure with this number, or `nil` when there is none.
    func type(ofStructure number: Int) -> String? {
        guard structures.indices.contains(number),
            types.indices.contains(structures[number].type)
        else { return nil }
        return types[structures[number].type]
    }

    /// The structure's size in bytes, or `nil` when no structure has this number.
    func size(ofStructure number: Int) -> Int? {
        guard structures.indices.contains(number),
            typeSizes.indices.contains(structures[number].type)
        else { return nil }
        return typeSizes[structures[number].type]
    }

    /// The field at `path`, for example `["r", "im_format", "imtype"]` in a scene. `nil` when the
    /// file has no such field: older files lack newer fields.
    func field(_ path: [String], ofStructure number: Int) -> Field? {
        var found: Field?
        var structure = number
        for name in path {
            if let outer = found {
                guard !outer.isPointer, let inner = structureOfType[outer.type] else {
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

    private func field(_ name: String, ofStructure number: Int) -> Field? {
        guard structures.indices.contains(number) else { return nil }
        if let known = fields[number] { return known[name] }
        let laidOut = layOut(structures[number])
        fields[number] = laidOut
        return laidOut[name]
    }

    /// The structure's fields by name, up to the first invalid one.
    private func layOut(_ structure: Structure) -> [String: Field] {
        var fields: [String: Field] = [:]
        var offset = 0
        for index in 0..<structure.fieldCount {
            let pair = structure.start + 4 * index
            let type = Int(layout.unsigned(bytes[...], at: pair, count: 2))
            let nameNumber = Int(layout.unsigned(bytes[...], at: pair + 2, count: 2))
            guard typeSizes.indices.contains(type), names.indices.contains(nameNumber) else {
                break
            }
            let name = DecoratedName(bytes[names[nameNumber]])
            let unit = name.isPointer ? layout.pointerSize : typeSizes[type]
            // At most 2¹⁶ × 2²⁴ each, and 2¹⁶ of them: their sum can't overflow.
            let byteCount = unit * name.elementCount
            fields[String(decoding: name.plain, as: UTF8.self)] = Field(
                offset: offset, byteCount: byteCount, isPointer: name.isPointer,
                type: type)
            offset += byteCount
        }
        return fields
    }
}
