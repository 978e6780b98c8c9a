/// The parts of an absolute URL that a signature needs. Nothing is decoded.
struct SplitURL: Hashable, Sendable {
    let scheme: String
    /// The host, with the port if the URL has one.
    let authority: String
    /// From the first slash on. Empty when the URL has no slash after the host.
    let path: String
    /// Without the question mark.
    let query: String

    init(_ url: String) {
        let text = url.prefix { $0 != "#" }
        var rest = text
        if let prefix = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) {
            scheme = String(prefix.dropLast(3))
            rest = text.dropFirst(prefix.count)
        } else {
            scheme = ""
        }
        let target = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        authority = String(rest[..<target])
        let question = rest[target...].firstIndex(of: "?") ?? rest.endIndex
        path = String(rest[target..<question])
        query = question == rest.endIndex ? "" : String(rest[rest.index(after: question)...])
    }

    /// The value of the `Host` header: without the scheme's default port.
    var hostHeader: String {
        switch scheme {
        case "http" where authority.hasSuffix(":80"): String(authority.dropLast(3))
        case "https" where authority.hasSuffix(":443"): String(authority.dropLast(4))
        default: authority
        }
    }

    /// The host without the port.
    var host: String {
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
            return authority
        }
        return String(authority[..<colon])
    }
}
