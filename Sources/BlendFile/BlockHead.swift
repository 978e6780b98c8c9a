/// The head of one block: what follows it, and how to read that.
struct BlockHead: Hashable, Sendable {
    var code: BlockCode
    /// The length of the block's body, in bytes.
    var bodyCount: Int64
    /// Where the block was in the memory of the Blender that saved it: what pointers name it by.
    var address: UInt64
    /// The place in the file's catalogue of the structure that the body holds.
    var structure: Int

    /// `bytes` is the head after its code: `layout.blockHeadCount` less four.
    init(code: BlockCode, rest bytes: ArraySlice<UInt8>, layout: FileLayout) {
        self.code = code
        let pointer = layout.pointerSize
        if layout.hasLongHeads {
            structure = Int(layout.signed(bytes, at: 0, count: 4))
            address = layout.unsigned(bytes, at: 4, count: 8)
            bodyCount = layout.signed(bytes, at: 12, count: 8)
        } else {
            bodyCount = layout.signed(bytes, at: 0, count: 4)
            address = layout.unsigned(bytes, at: 4, count: pointer)
            structure = Int(layout.signed(bytes, at: 4 + pointer, count: 4))
        }
    }
}

/// The four letters a block begins with, in reading order whatever the byte order.
struct BlockCode: Hashable, Sendable {
    var letters: [UInt8]

    init(_ letters: ArraySlice<UInt8>) {
        self.letters = Array(letters)
    }

    private init(_ name: StaticString) {
        letters = name.withUTF8Buffer { unsafe Array($0) }
    }

    static let scene = Self("SC\0\0")
    static let body = Self("DATA")
    static let fileSettings = Self("GLOB")
    static let catalogue = Self("DNA1")
    static let end = Self("ENDB")
}
