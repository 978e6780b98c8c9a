/// The header of an OpenEXR file, or of one of its parts. It is a list of attributes, each with
/// name, type, length and value. An empty name ends the list.
struct EXRHeader {
    let size: PixelSize
    /// The top row's number.
    let top: Int
    let compression: UInt8
    /// In the file's order, which is alphabetical. Empty when the list is too long to read.
    let channels: [Channel]
    /// The place of the header's end in the file.
    let end: Int64
    /// The type of a part in a file of several parts.
    private let kind: String?

    struct Channel: Hashable {
        let name: String
        /// 0 for 32-bit whole numbers, 1 for halves, 2 for 32-bit floats.
        let type: Int
    }

    enum Layout {
        /// Scan lines.
        case plain
        /// Scan lines, each block with its part's number.
        case parts
        /// Tiles or deep data.
        case other
    }

    /// Reads all headers of a file. The offset tables come next.
    static func read(
        _ file: PictureFile
    ) throws(PictureFault) -> (headers: [EXRHeader], layout: Layout) {
        let magic = try file.read(min(8, Int(file.byteCount)), in: "the header")
        guard [0x76, 0x2F, 0x31, 0x01].starts(with: magic.prefix(4)) else {
            throw .otherFormat(expected: "OpenEXR file")
        }
        guard magic.count == 8 else { throw .truncated("the header") }
        // The version field's flags.
        let flags = magic.littleEndian32(at: 4)
        let (tiled, deep, several) = (0x200, 0x800, 0x1000)
        let isOther = flags & (tiled | deep) != 0
        var headers = [try EXRHeader(file)]
        guard flags & several != 0 else { return (headers, isOther ? .other : .plain) }
        // Each pass of each layer has a header. A hundred is already many.
        var channelCount = headers[0].channels.count
        for _ in 0..<1000 {
            if try file.read(1, in: "the header")[0] == 0 {
                let areLines = headers.allSatisfy { $0.kind == "scanlineimage" }
                return (headers, isOther || !areLines ? .other : .parts)
            }
            try file.seek(to: file.position - 1, for: "the header")
            let header = try EXRHeader(file)
            channelCount += header.channels.count
            guard channelCount <= PictureLimits.channelsMax else {
                throw .damaged("it has too many channels")
            }
            headers.append(header)
        }
        throw .damaged("the list of its parts does not end")
    }

    /// Reads the header at the file's current place.
    private init(_ file: PictureFile) throws(PictureFault) {
        var window: [UInt8] = []
        var list: [UInt8] = []
        var compression: UInt8?
        var kind: String?
        // Multilayer files list all channels in one attribute. A hundred attributes are already
        // many.
        for _ in 0..<1000 {
            let name = try Self.readName(file)
            if name.isEmpty { break }
            _ = try Self.readName(file)
            let length = try file.read(4, in: "the header").littleEndianInt32(at: 0)
            guard length >= 0, Int64(length) <= file.remaining else {
                throw .truncated("the header")
            }
            switch name {
            case "dataWindow" where length == 16: window = try file.read(16, in: "the header")
            case "compression" where length == 1:
                compression = try file.read(1, in: "the header")[0]
            case "type" where length <= 255:
                kind = String(decoding: try file.read(length, in: "the header"), as: UTF8.self)
            case "channels" where length <= PictureFile.pieceMax:
                list = try file.read(length, in: "the header")
            default: try file.seek(to: file.position + Int64(length), for: "the header")
            }
        }
        guard window.count == 16, let compression else {
            throw .damaged("the header lacks size or compression")
        }
        let corners = [0, 4, 8, 12].map(window.littleEndianInt32)
        size = try PixelSize(stated: corners[2] - corners[0] + 1, corners[3] - corners[1] + 1)
        top = corners[1]
        self.compression = compression
        self.kind = kind
        channels = try Self.channels(list)
        end = file.position
    }

    private static func readName(_ file: PictureFile) throws(PictureFault) -> String {
        var name: [UInt8] = []
        // Long names have up to 255 bytes.
        for _ in 0...255 {
            let byte = try file.read(1, in: "the header")[0]
            if byte == 0 { return String(decoding: name, as: UTF8.self) }
            name.append(byte)
        }
        throw .damaged("a name in the header does not end")
    }

    /// Each entry is a name, a zero, and 16 bytes: type, linearity, sampling.
    private static func channels(_ list: [UInt8]) throws(PictureFault) -> [Channel] {
        var channels: [Channel] = []
        var rest = list[...]
        while let first = rest.first, first != 0 {
            guard let end = rest.firstIndex(of: 0), end + 16 < rest.endIndex else {
                throw .damaged("the list of channels ends early")
            }
            let name = String(decoding: rest[..<end], as: UTF8.self)
            channels.append(Channel(name: name, type: list.littleEndian32(at: end + 1)))
            rest = rest[(end + 17)...]
        }
        return channels
    }
}
