/// Why a file is not the picture it should be.
package enum PictureFault: Error, Hashable, Sendable, CustomStringConvertible {
    case missing
    case empty
    /// The file can't be read; the system's words.
    case unreadable(String)
    /// The first bytes are another format's.
    case otherFormat(expected: String)
    /// The file ends early; where.
    case truncated(String)
    /// Bytes contradict each other; which.
    case damaged(String)
    case size(PixelSize, expected: PixelSize)

    package var description: String {
        switch self {
        case .missing: "there is no file"
        case .empty: "the file is empty"
        case .unreadable(let reason): "the file can't be read (\(reason))"
        case .otherFormat(let expected): "the file is not a \(expected)"
        case .truncated(let place): "the file ends early, in \(place)"
        case .damaged(let what): "the file is damaged: \(what)"
        case .size(let size, let expected): "the picture is \(size), not \(expected)"
        }
    }
}

/// Width and height in pixels.
package struct PixelSize: Hashable, Sendable, CustomStringConvertible {
    /// Sixteen times what Blender renders. A file may state 2³², and memory has no room for such a row.
    private static let sideMax = 1 << 20

    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// As a file states it.
    init(stated width: Int, _ height: Int) throws(PictureFault) {
        guard min(width, height) > 0, max(width, height) <= Self.sideMax else {
            throw .damaged("its sides are \(width) and \(height)")
        }
        self.init(width: width, height: height)
    }

    package var description: String { "\(width)×\(height)" }
}
