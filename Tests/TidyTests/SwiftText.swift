/// Swift source, split into code, comments and strings.
///
/// No parser: enough to count braces, parameters and lines without being misled by text.
struct SwiftText: Sendable {
    struct Piece: Equatable, Sendable {
        let line: Int
        let text: String
    }

    /// The source with every other kind of text blanked. Newlines stay, so line numbers hold.
    private(set) var code: [UInt8]
    /// Without delimiters. An interpolation divides a literal.
    private(set) var strings: [Piece] = []
    /// One piece per line of comment, with its slashes.
    private(set) var comments: [Piece] = []

    let source: [UInt8]
    private let newlines: [Int]

    init(_ text: String) {
        var scanner = Scanner(text)
        scanner.scanCode(until: nil)
        source = scanner.source
        code = scanner.code
        strings = scanner.strings
        comments = scanner.comments
        newlines = source.indices.filter { [source] in source[$0] == UInt8(ascii: "\n") }
    }

    /// Counted from one.
    func line(at index: Int) -> Int {
        var (lower, upper) = (0, newlines.count)
        while lower < upper {
            let middle = (lower + upper) / 2
            if newlines[middle] < index { lower = middle + 1 } else { upper = middle }
        }
        return lower + 1
    }
}

private struct Scanner {
    let source: [UInt8]
    var code: [UInt8]
    var strings: [SwiftText.Piece] = []
    var comments: [SwiftText.Piece] = []
    private var index = 0
    private var line = 1

    init(_ text: String) {
        source = Array(text.utf8)
        code = source
    }

    private func byte(_ offset: Int = 0) -> UInt8? {
        index + offset < source.count ? source[index + offset] : nil
    }

    private func isNext(_ text: String) -> Bool {
        byte() == text.utf8.first && source[index...].starts(with: text.utf8)
    }

    private mutating func skip(_ count: Int = 1, blank: Bool = true) {
        for _ in 0..<count where index < source.count {
            if source[index] == UInt8(ascii: "\n") {
                line += 1
            } else if blank {
                code[index] = UInt8(ascii: " ")
            }
            index += 1
        }
    }

    /// Scans to the end of the file, or to the parenthesis that closes an interpolation.
    mutating func scanCode(until end: UInt8?) {
        var depth = 0
        while let next = byte() {
            if isNext("//") {
                scanLineComment()
            } else if isNext("/*") {
                scanBlockComment()
            } else if next == UInt8(ascii: "\"") || next == UInt8(ascii: "#") {
                scanLiteral()
            } else if next == UInt8(ascii: "`") {
                scanQuotedName()
            } else if next == UInt8(ascii: "/"), isRegexAllowed() {
                scanRegex()
            } else {
                if next == UInt8(ascii: "(") { depth += 1 }
                if next == UInt8(ascii: ")") {
                    if end != nil, depth == 0 { return }
                    depth -= 1
                }
                skip(blank: false)
            }
        }
    }

    private mutating func scanLineComment() {
        let start = index
        while let next = byte(), next != UInt8(ascii: "\n") { skip() }
        addComment(from: start)
    }

    private mutating func scanBlockComment() {
        var depth = 0
        var start = index
        while byte() != nil {
            if isNext("/*") {
                depth += 1
                skip(2)
            } else if isNext("*/") {
                depth -= 1
                skip(2)
                if depth == 0 { break }
            } else if byte() == UInt8(ascii: "\n") {
                addComment(from: start)
                skip()
                start = index
            } else {
                skip()
            }
        }
        addComment(from: start)
    }

    private mutating func addComment(from start: Int) {
        comments.append(
            SwiftText.Piece(
                line: line, text: String(decoding: source[start..<index], as: UTF8.self)))
    }

    /// A string with as many `#` as it has, or `#` alone, which begins `#expect` and the like.
    private mutating func scanLiteral() {
        var pounds = 0
        while byte(pounds) == UInt8(ascii: "#") { pounds += 1 }
        if byte(pounds) == UInt8(ascii: "/"), pounds > 0 {
            let closing = "/" + String(repeating: "#", count: pounds)
            skip(pounds + 1)
            while byte() != nil, !isNext(closing) { skip() }
            skip(pounds + 1)
            return
        }
        guard byte(pounds) == UInt8(ascii: "\"") else {
            skip(max(pounds, 1), blank: false)
            return
        }
        let raw = String(repeating: "#", count: pounds)
        skip(pounds)
        let quotes = isNext("\"\"\"") ? "\"\"\"" : "\""
        skip(quotes.utf8.count)
        scanString(closing: quotes + raw, escape: "\\" + raw)
    }

    private mutating func scanString(closing: String, escape: String) {
        var start = index
        while byte() != nil, !isNext(closing) {
            if isNext(escape + "(") {
                addString(from: start)
                skip(escape.utf8.count + 1)
                scanCode(until: UInt8(ascii: ")"))
                skip()
                start = index
            } else if isNext(escape) {
                skip(escape.utf8.count + 1)
            } else {
                skip()
            }
        }
        addString(from: start)
        skip(closing.utf8.count)
    }

    private mutating func addString(from start: Int) {
        guard start < index else { return }
        let text = String(decoding: source[start..<index], as: UTF8.self)
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
        strings.append(SwiftText.Piece(line: line - lines, text: text))
    }

    /// A name between backticks may hold anything: it is one word of code.
    private mutating func scanQuotedName() {
        repeat {
            code[index] = UInt8(ascii: "_")
            index += 1
        } while byte() != nil && byte() != UInt8(ascii: "`") && byte() != UInt8(ascii: "\n")
        if byte() == UInt8(ascii: "`") {
            code[index] = UInt8(ascii: "_")
            index += 1
        }
    }

    /// A slash divides behind a value; elsewhere it begins a regular expression that ends on its
    /// line.
    private func isRegexAllowed() -> Bool {
        guard let next = byte(1), next != UInt8(ascii: " "), next != UInt8(ascii: "\n") else {
            return false
        }
        let before = source[..<index].last { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
        guard let before, "(,=[{:!&|?".utf8.contains(before) else { return false }
        let rest = source[(index + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        return rest.contains(UInt8(ascii: "/"))
    }

    private mutating func scanRegex() {
        skip()
        while let next = byte(), next != UInt8(ascii: "/") {
            skip(next == UInt8(ascii: "\\") ? 2 : 1)
        }
        skip()
    }
}
