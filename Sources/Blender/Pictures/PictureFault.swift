/// Why a file is not the expected picture.
package enum PictureFault: Error, Hashable, Sendable, CustomStringConvertible {
    case missing
    case empty
    /// The file can't be read. The text is the system's message.
    case unreadable(String)
    /// The file starts with the bytes of another format.
    case otherFormat(expected: String)
    /// The file ends early, at this place.
    case truncated(String)
    /// The bytes contradict each other. The text says which.
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
    /// Sixteen times the largest side that Blender renders. A file may state 2³², and such a row
    /// does not fit into memory.
    private static let sideMax = 1 << 20
    /// 32,768 by 32,768 pixels.
    private static let pixelsMax = 1 << 30

    package let width: Int
    package let height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The size that a file states.
    init(stated width: Int, _ height: Int) throws(PictureFault) {
        guard min(width, height) > 0, max(width, height) <= Self.sideMax,
            width * height <= Self.pixelsMax
        else {
            throw .damaged("its sides are \(width) and \(height)")
        }
        self.init(width: width, height: height)
    }

    package var description: String { "\(width)×\(height)" }
}
