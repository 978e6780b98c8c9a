internal import CExpat

/// Builds a tree from expat's callbacks, within bounds. All unsafe calls of expat are in this file.
final class XMLReader {
    static let depthMax = 32
    static let elementsMax = 200_000

    /// Elements that are not closed yet, the root first.
    private var open: [XMLElement] = []
    private var root: XMLElement?
    private var elementCount = 0
    private var refusal: XMLError?

    static func parse(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        guard let parser = unsafe XML_ParserCreate("UTF-8") else {
            preconditionFailure("expat has no memory left for a parser.")
        }
        defer { unsafe XML_ParserFree(parser) }
        let reader = XMLReader()
        // The reader outlives the parser: `defer` frees the parser before this function releases
        // the reader.
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
        unsafe XML_SetElementHandler(
            parser,
            { user, name, _ in
                guard let user = unsafe user, let name = unsafe name else { return }
                unsafe XMLReader.reader(user).start(String(cString: name))
            },
            { user, _ in
                guard let user = unsafe user else { return }
                unsafe XMLReader.reader(user).end()
            })
        unsafe XML_SetCharacterDataHandler(parser) { user, characters, count in
            guard let user = unsafe user, let characters = unsafe characters else { return }
            let bytes = unsafe UnsafeRawBufferPointer(start: characters, count: Int(count))
            unsafe XMLReader.reader(user).add(String(decoding: bytes, as: UTF8.self))
        }
        unsafe XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in
            guard let user = unsafe user else { return }
            unsafe XMLReader.reader(user).refuse(.documentType)
        }
        return try unsafe reader.run(parser, bytes)
    }

    private static func reader(_ user: UnsafeMutableRawPointer) -> XMLReader {
        unsafe Unmanaged<XMLReader>.fromOpaque(user).takeUnretainedValue()
    }

    /// Parses the document in pieces and stops at the first refusal, so that memory stays bounded.
    private func run(_ parser: XML_Parser, _ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        let pieceLength = 4096
        var start = 0
        repeat {
            let end = min(start + pieceLength, bytes.count)
            let isLast: Int32 = end == bytes.count ? 1 : 0
            let status = unsafe bytes[start..<end].withUnsafeBytes { piece in
                unsafe XML_Parse(
                    parser, piece.baseAddress?.assumingMemoryBound(to: CChar.self),
                    Int32(piece.count), isLast)
            }
            if let refusal { throw refusal }
            guard status == XML_STATUS_OK else {
                let reason = unsafe XML_ErrorString(XML_GetErrorCode(parser))
                    .map { unsafe String(cString: $0) }
                throw .malformed(
                    reason ?? "unknown", line: Int(unsafe XML_GetCurrentLineNumber(parser)))
            }
            start = end
        } while start < bytes.count
        guard let root else { throw .malformed("no element", line: 1) }
        return root
    }

    private func start(_ name: String) {
        guard refusal == nil else { return }
        elementCount += 1
        if open.count == Self.depthMax { refuse(.tooDeep) }
        if elementCount > Self.elementsMax { refuse(.tooLarge) }
        open.append(XMLElement(name: name))
    }

    private func end() {
        guard refusal == nil, var element = open.popLast() else { return }
        // The text between children is white space only.
        if !element.children.isEmpty { element.text = "" }
        if open.isEmpty {
            root = element
        } else {
            open[open.count - 1].children.append(element)
        }
    }

    private func add(_ text: String) {
        guard refusal == nil, !open.isEmpty else { return }
        open[open.count - 1].text += text
    }

    private func refuse(_ error: XMLError) {
        refusal = refusal ?? error
    }
}
