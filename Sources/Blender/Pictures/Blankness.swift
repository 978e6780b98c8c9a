/// Whether a PNG or TIFF shows nothing: each pixel black, or each fully transparent.
///
/// Rows of a PNG are unfiltered (ISO/IEC 15948, 9) until one shows something. In most pictures the
/// first row does, so only a blank picture costs a pass over all pixels. The horizontal differences
/// of a TIFF (TIFF 6.0, section 14) need no decoding: a channel is zero where all its differences
/// are.
struct Blankness {
    private let pixelByteCount: Int
    private let colorByteCount: Int
    /// Bytes of a row, with its filter byte if it has one.
    private let stride: Int
    private let isFiltered: Bool
    private var isBlack = true
    private var isClear: Bool
    private var above: [UInt8]
    /// The part of the current row that has arrived.
    private var row: [UInt8] = []

    /// - Parameters:
    ///   - channels: Channels of a pixel. Alpha is the last one.
    ///   - depth: Bits of a channel.
    ///   - isFiltered: Rows begin with a filter byte, as in PNG.
    init(channels: Int, hasAlpha: Bool, depth: Int, rowByteCount: Int, isFiltered: Bool = true) {
        pixelByteCount = max(1, channels * depth / 8)
        colorByteCount = max(1, (hasAlpha ? channels - 1 : channels) * depth / 8)
        stride = rowByteCount + (isFiltered ? 1 : 0)
        self.isFiltered = isFiltered
        isClear = hasAlpha
        above = [UInt8](repeating: 0, count: rowByteCount)
    }

    var isBlank: Bool { isBlack || isClear }

    /// Takes the next bytes of the rows, as the file stores them.
    mutating func take(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while isBlank, !rest.isEmpty {
            let piece = rest.prefix(stride - row.count)
            row += piece
            rest = rest.dropFirst(piece.count)
            guard row.count == stride else { return }
            look()
            row.removeAll(keepingCapacity: true)
        }
    }

    private mutating func look() {
        let (filter, first) = isFiltered ? (row[0], 1) : (0, 0)
        var current = [UInt8](repeating: 0, count: stride - first)
        for index in current.indices {
            let left = index < pixelByteCount ? 0 : current[index - pixelByteCount]
            let corner = index < pixelByteCount ? 0 : above[index - pixelByteCount]
            let predicted: UInt8 =
                switch filter {
                case 1: left
                case 2: above[index]
                case 3: UInt8((Int(left) + Int(above[index])) / 2)
                case 4: Self.paeth(left, above[index], corner)
                default: 0
                }
            current[index] = row[index + first] &+ predicted
            guard current[index] != 0 else { continue }
            if index % pixelByteCount < colorByteCount { isBlack = false } else { isClear = false }
        }
        above = current
    }

    private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
        let estimate = Int(left) + Int(above) - Int(corner)
        let fromLeft = abs(estimate - Int(left))
        let fromAbove = abs(estimate - Int(above))
        let fromCorner = abs(estimate - Int(corner))
        if fromLeft <= fromAbove, fromLeft <= fromCorner { return left }
        return fromAbove <= fromCorner ? above : corner
    }
}
