/// A tar archive as bytes, entry by entry, with all that an archive should not have.
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

    mutating func add(
        _ name: String, _ content: [UInt8] = [], _ kind: Kind = .file, link: String = "",
        byteCount: Int? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at start: Int) {
            header.replaceSubrange(start..<start + text.utf8.count, with: text.utf8)
        }
        func octal(_ value: Int, _ count: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: count - digits.count) + digits
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(byteCount ?? content.count, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put(String(kind.rawValue), at: 156)
        put(link, at: 157)
        put("ustar\u{0}00", at: 257)
        // POSIX pax, “ustar Interchange Format”: the sum of the header, its own field as blanks.
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
        entries += header + content
        entries += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }
}
