/// The head of one block, which describes the body that follows.
struct BlockHead: Hashable, Sendable {
    var code: BlockCode
    /// The length of the body in bytes.
    var bodyCount: Int64
    /// The block's address in the memory of the Blender that saved the file. Pointers hold this
    /// address.
    var address: UInt64
    /// The index of the body's structure in the file's catalogue.
    var structure: Int
    /// How many of these structures the body holds, one after another.
    var count: Int

    /// - Parameter bytes: the head after its code: `layout.blockHeadCount` minus four bytes.
    init(code: BlockCode, rest bytes: ArraySlice<UInt8>, layout: FileLayout) {
        self.code = code
        let pointer = layout.pointerSize
        if layout.hasLongHeads {
            structure = Int(layout.signed(bytes, at: 0, count: 4))
            address = layout.unsigned(bytes, at: 4, count: 8)
            bodyCount = layout.signed(bytes, at: 12, count: 8)
            count = Int(layout.signed(bytes, at: 20, count: 8))
        } else {
            bodyCount = layout.signed(bytes, at: 0, count: 4)
            address = layout.unsigned(bytes, at: 4, count: pointer)
            structure = Int(layout.signed(bytes, at: 4 + pointer, count: 4))
            count = Int(layout.signed(bytes, at: 8 + pointer, count: 4))
        }
    }
}

/// The four letters at the start of a block, in reading order for both byte orders.
struct BlockCode: Hashable, Sendable {
    private var number: UInt32

    init(_ letters: ArraySlice<UInt8>) {
        number = letters.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    static let scene = Self(Array("SC\0\0".utf8)[...])
    static let body = Self(Array("DATA".utf8)[...])
    static let fileSettings = Self(Array("GLOB".utf8)[...])
    static let catalogue = Self(Array("DNA1".utf8)[...])
    static let end = Self(Array("ENDB".utf8)[...])
}
