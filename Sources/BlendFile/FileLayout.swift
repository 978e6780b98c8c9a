/// The layout of a .blend's numbers and block heads, from the file's first bytes.
///
///     BLENDER-v304        12 bytes: pointer size (_ 4, - 8), byte order (v little, V big), version
///     BLENDER17-01v0500   17 bytes: header size, pointer size, format, byte order, version
///
/// Sources: Blender's BLO_core_bhead.hh, BLO_core_blend_header.hh.
struct FileLayout: Hashable, Sendable {
    var version: FileVersion
    var pointerSize: Int
    var isBigEndian: Bool
    /// Whether a block's length and count have 64 bits, as in files of Blender 5.0 and later.
    var hasLongHeads: Bool

    static let shortHeaderCount = 12
    static let longHeaderCount = 17

    var headerCount: Int { hasLongHeads ? Self.longHeaderCount : Self.shortHeaderCount }

    /// The size of a block's head, in bytes.
    var blockHeadCount: Int {
        hasLongHeads ? 32 : pointerSize == 8 ? 24 : 20
    }

    /// Whether `start`, the first `shortHeaderCount` bytes, begins the longer header.
    static func isLong(_ start: ArraySlice<UInt8>) -> Bool {
        start.starts(with: "BLENDER17".utf8)
    }

    init(header: ArraySlice<UInt8>) throws(BlendFileError) {
        let bytes = Array(header)
        guard bytes.starts(with: Self.magic) else {
            throw .notABlend(looksLike: nil)
        }
        guard let kind = bytes.dropFirst(Self.magic.count).first else {
            throw .truncated(at: Int64(bytes.count))
        }
        let fields: (pointer: UInt8, order: UInt8, version: ArraySlice<UInt8>)
        switch (kind, bytes.count) {
        case (UInt8(ascii: "_"), Self.shortHeaderCount), (UInt8(ascii: "-"), Self.shortHeaderCount):
            fields = (kind, bytes[8], bytes[9...])
        case (UInt8(ascii: "1"), Self.longHeaderCount):
            guard bytes[10...11].elementsEqual("01".utf8) else {
                throw .unsupported(
                    reason: "its format is \(String(decoding: bytes[10...11], as: UTF8.self))")
            }
            fields = (bytes[9], bytes[12], bytes[13...])
        case (UInt8(ascii: "_"), _), (UInt8(ascii: "-"), _), (UInt8(ascii: "1"), _):
            throw .unsupported(reason: "its header has an unknown size")
        default:
            throw .unsupported(reason: "its header has an unknown format")
        }
        switch fields.pointer {
        case UInt8(ascii: "_"): pointerSize = 4
        case UInt8(ascii: "-"): pointerSize = 8
        default: throw .corrupt(at: 0, reason: "the header's pointer size is invalid")
        }
        switch fields.order {
        case UInt8(ascii: "v"): isBigEndian = false
        case UInt8(ascii: "V"): isBigEndian = true
        default: throw .corrupt(at: 0, reason: "the header's byte order is invalid")
        }
        guard fields.version.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            throw .corrupt(at: 0, reason: "the header's version is invalid")
        }
        version = FileVersion(
            number: fields.version.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
        hasLongHeads = bytes.count == Self.longHeaderCount
    }

    static let magic = Array("BLENDER".utf8)

    /// The unsigned number of `count` bytes at `offset`. There are at most 8 bytes, and the caller
    /// has checked the offset.
    func unsigned(_ bytes: ArraySlice<UInt8>, at offset: Int, count: Int) -> UInt64 {
        precondition(count <= 8, "A number has at most eight bytes.")
        let start = bytes.startIndex + offset
        let digits = bytes[start..<start + count]
        return isBigEndian
            ? digits.reduce(0) { $0 << 8 | UInt64($1) }
            : digits.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The signed number of `count` bytes at `offset`, in two's complement.
    func signed(_ bytes: ArraySlice<UInt8>, at offset: Int, count: Int) -> Int64 {
        let spare = 64 - 8 * count
        return Int64(bitPattern: unsigned(bytes, at: offset, count: count) << spare) >> spare
    }
}
