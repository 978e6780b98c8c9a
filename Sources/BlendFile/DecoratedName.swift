/// A field's name in the catalogue: `*next`, `name[66]`, `mat[4][4]`, `(*call)()`.
struct DecoratedName {
    var plain: ArraySlice<UInt8>
    var isPointer: Bool
    var elementCount: Int

    init(_ name: ArraySlice<UInt8>) {
        let start = name.firstIndex { $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "(") }
        let bare = name[(start ?? name.endIndex)...]
        isPointer = bare.startIndex != name.startIndex
        let end = bare.firstIndex { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: ")") }
        plain = bare[..<(end ?? bare.endIndex)]
        // The product of the numbers in brackets, bounded so that it can't overflow.
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
