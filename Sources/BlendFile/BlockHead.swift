/// The head of one block: what follows it, and how to read that.
struct BlockHead: Hashable, Sendable {
    var code: BlockCode
    /// The length of the block's body, in bytes.
    var bodyCount: Int64
    /// Where the block was in the memory of the Blender that saved it: what pointers name it by.
    var address: UInt64
    /// The place in the file's catalogue of the structure that the body holds.
    var structure: Int
    /// How many such structures follow one another in the body.
    var count: Int

    /// `bytes` is the head after its code: `layout.blockHeadCount` less four.
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

/// The four letters a block begins with, in reading order whatever the byte order.
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
