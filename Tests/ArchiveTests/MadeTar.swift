/// Makes a tar archive as bytes, also with entries that an archive should not have.
struct MadeTar {
    enum Kind: Character {
        case file = "0"
        case hardLink = "1"
        case symbolicLink = "2"
        case device = "3"
        case folder = "5"
        case pipe = "6"
    }

    private(set) var entries: [UInt8] = []

    var bytes: [UInt8] { entries + [UInt8](repeating: 0, count: 1024) }

    struct Entry {
        let name: String
        let content: [UInt8]
        let kind: Kind
        let link: String
        /// The size in the header. A wrong one makes a hostile archive.
        let byteCount: Int

        init(
            _ name: String, _ content: [UInt8] = [], _ kind: Kind = .file, link: String = "",
            byteCount: Int? = nil
        ) {
            self.name = name
            self.content = content
            self.kind = kind
            self.link = link
            self.byteCount = byteCount ?? content.count
        }
    }

    mutating func add(_ entry: Entry) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at start: Int) {
            header.replaceSubrange(start..<start + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ count: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: count - digits.count) + digits
        }
        put(entry.name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(entry.byteCount, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put(String(entry.kind.rawValue), at: 156)
        put(entry.link, at: 157)
        put("ustar\u{0}00", at: 257)
        // POSIX pax, “ustar Interchange Format”: the header's sum, with spaces in the sum's own
        // field.
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
        entries += header + entry.content
        entries += [UInt8](repeating: 0, count: (512 - entry.content.count % 512) % 512)
    }
}
