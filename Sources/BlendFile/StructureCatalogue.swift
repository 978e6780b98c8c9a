/// The structures a .blend's blocks hold, as the file itself lays them out ("SDNA").
///
///     SDNA │ NAME n  names, each ended by 0 │ TYPE n  names │ TLEN  sizes │ STRC n  structures
///
/// A structure is its type and its fields, each a type and a name; the name carries `*` for a
/// pointer and `[n]` for an array. Source: Blender's source/blender/makesdna/intern/dna_genfile.cc.
///
/// A structure's fields are laid out when first asked for, of the thousand only the few needed.
final class StructureCatalogue {
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
    /// By structure. Laid out once, so that the work is bounded by the catalogue's size.
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

    /// One field of a structure, as the file lays it out.
    struct Field: Hashable, Sendable {
        var offset: Int
        var byteCount: Int
        var isPointer: Bool
        fileprivate var type: Int
    }

    /// The type of the structure with this number, or `nil` where there is none.
    func type(ofStructure number: Int) -> String? {
        guard structures.indices.contains(number),
            types.indices.contains(structures[number].type)
        else { return nil }
        return types[structures[number].type]
    }

    /// In bytes; `nil` where there is none of this number.
    func size(ofStructure number: Int) -> Int? {
        guard structures.indices.contains(number),
            typeSizes.indices.contains(structures[number].type)
        else { return nil }
        return typeSizes[structures[number].type]
    }

    /// The field that `path` leads to, as `["r", "im_format", "imtype"]` does from a scene; `nil` where
    /// the file has no such field, as older files lack newer ones.
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

    /// The structure's fields by name, up to one that can't be.
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
            // At most 2¹⁶ × 2²⁴, and 2¹⁶ of them: below what could overflow.
            let byteCount = unit * name.elementCount
            fields[String(decoding: name.plain, as: UTF8.self)] = Field(
                offset: offset, byteCount: byteCount, isPointer: name.isPointer,
                type: type)
            offset += byteCount
        }
        return fields
    }
}
