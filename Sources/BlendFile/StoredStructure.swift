/// A structure in a block's body, whose fields are read by name.
struct StoredStructure {
    private let block: BlockWalk.Block
    private let type: String
    private let catalogue: StructureCatalogue

    /// - Throws: `corrupt` when the block does not hold a `type`.
    init(
        _ block: BlockWalk.Block, _ type: String, in catalogue: StructureCatalogue
    ) throws(BlendFileError) {
        guard catalogue.type(ofStructure: block.head.structure) == type else {
            throw .corrupt(at: block.offset, reason: "a block that should hold a \(type)")
        }
        self.block = block
        self.type = type
        self.catalogue = catalogue
    }

    /// All complete structures of the block, in order.
    func elements(_ count: Int) throws(BlendFileError) -> [StoredStructure] {
        guard let size = catalogue.size(ofStructure: block.head.structure), size > 0 else {
            return []
        }
        var elements: [StoredStructure] = []
        for start in stride(from: 0, to: block.body.count - size + 1, by: size).prefix(
            max(0, count))
        {
            var part = block
            part.offset += Int64(start)
            part.body = Array(block.body[start..<start + size])
            elements.append(try following(part, type))
        }
        return elements
    }

    /// The structure in another block of the same file.
    func following(
        _ block: BlockWalk.Block, _ type: String
    ) throws(BlendFileError) -> StoredStructure {
        try StoredStructure(block, type, in: catalogue)
    }

    func integer(_ path: String...) throws(BlendFileError) -> Int {
        guard let value = try integerIfPresent(path) else {
            throw missing(path)
        }
        return value
    }

    func integerIfPresent(_ path: String...) throws(BlendFileError) -> Int? {
        try integerIfPresent(path)
    }

    private func integerIfPresent(_ path: [String]) throws(BlendFileError) -> Int? {
        guard let field = try field(path) else { return nil }
        // A 64-bit number is not a setting, and could overflow the arithmetic on it.
        guard !field.isPointer, [1, 2, 4].contains(field.byteCount) else {
            throw missing(path)
        }
        return Int(
            catalogue.layout.signed(block.body[...], at: field.offset, count: field.byteCount))
    }

    /// The address in a pointer, or 0 for a null pointer. `nil` when the file has no such field.
    func pointerIfPresent(_ path: String...) throws(BlendFileError) -> UInt64? {
        try pointerIfPresent(path)
    }

    /// Whether the file has this pointer and it is not null.
    func isSet(_ path: String...) throws(BlendFileError) -> Bool {
        try (pointerIfPresent(path) ?? 0) != 0
    }

    private func pointerIfPresent(_ path: [String]) throws(BlendFileError) -> UInt64? {
        guard let field = try field(path) else { return nil }
        guard field.isPointer, field.byteCount == catalogue.layout.pointerSize else {
            throw missing(path)
        }
        return catalogue.layout.unsigned(
            block.body[...], at: field.offset, count: field.byteCount)
    }

    /// The text up to the first zero byte. `nil` when the file has no such field.
    func textIfPresent(_ path: String...) throws(BlendFileError) -> String? {
        try textIfPresent(path)
    }

    func textIfPresent(_ path: [String]) throws(BlendFileError) -> String? {
        guard let field = try field(path) else { return nil }
        guard !field.isPointer else {
            throw missing(path)
        }
        let bytes = block.body[field.offset..<field.offset + field.byteCount]
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private func field(_ path: [String]) throws(BlendFileError) -> StructureCatalogue.Field? {
        guard let field = catalogue.field(path, ofStructure: block.head.structure) else {
            return nil
        }
        guard field.offset + field.byteCount <= block.body.count else {
            throw .corrupt(
                at: block.offset, reason: "a block that ends before its \(joined(path))")
        }
        return field
    }

    private func missing(_ path: [String]) -> BlendFileError {
        .corrupt(at: block.offset, reason: "a block without its \(joined(path))")
    }

    private func joined(_ path: [String]) -> String {
        path.joined(separator: ".")
    }
}
