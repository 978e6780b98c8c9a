/// An element of an XML answer: its name, text and children. Attributes are dropped: AWS's answers
/// do not use them.
struct XMLElement: Hashable, Sendable {
    let name: String
    var text = ""
    var children: [XMLElement] = []

    init(name: String) {
        self.name = name
    }

    init(parsing bytes: [UInt8]) throws(XMLError) {
        self = try XMLReader.parse(bytes)
    }

    /// The first child with this name.
    subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The children of a list: `<member>` in the query protocol, `<item>` in EC2.
    func list(_ name: String, of item: String) -> [XMLElement] {
        self[name]?.children.filter { $0.name == item } ?? []
    }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }
}

/// The reason why an answer can't be parsed as XML.
enum XMLError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(String, line: Int)
    /// A document type. AWS never sends one, and attacks on parsers use them.
    case documentType
    case tooDeep
    case tooLarge

    var description: String {
        switch self {
        case .malformed(let reason, let line): "XML, line \(line): \(reason)"
        case .documentType: "XML with a document type, which is not allowed"
        case .tooDeep: "XML nested deeper than \(XMLReader.depthMax)"
        case .tooLarge: "XML with more than \(XMLReader.elementsMax) elements"
        }
    }
}
