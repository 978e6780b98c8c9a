/// An absolute URL cut where a signature needs it, nothing decoded.
struct SplitURL: Hashable, Sendable {
    let scheme: String
    /// Host and, when one is written, port.
    let authority: String
    /// From the first slash on; empty when the URL ends before.
    let path: String
    /// Without its question mark.
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

    /// What an HTTP client writes as `Host`: without the scheme's own port.
    var hostHeader: String {
        switch scheme {
        case "http" where authority.hasSuffix(":80"): String(authority.dropLast(3))
        case "https" where authority.hasSuffix(":443"): String(authority.dropLast(4))
        default: authority
        }
    }

    /// Without the port.
    var host: String {
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
            return authority
        }
        return String(authority[..<colon])
    }
}
