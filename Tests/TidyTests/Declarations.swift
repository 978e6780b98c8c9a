/// A function of a Swift file, as far as the rules on its size go.
struct Function: Equatable, Sendable {
    let name: String
    let line: Int
    let parameterCount: Int
    /// From `func` to the closing brace; 1 without a body.
    let lineCount: Int
}

/// A type, or an extension of one, and the names that are declared inside.
struct TypeBody: Equatable, Sendable {
    let name: String
    let members: Set<String>
}

extension SwiftText {
    private struct Word {
        let text: String
        let start: Int
        var end: Int { start + text.utf8.count }
    }

    private static let typeWords: Set<String> = [
        "struct", "class", "enum", "actor", "protocol", "extension",
    ]
    private static let memberWords: Set<String> = [
        "func", "var", "let", "case", "typealias", "associatedtype", "struct", "class", "enum",
        "actor", "protocol",
    ]
    /// What begins the next declaration where a function has no body.
    private static let declarationWords: Set<String> = [
        "func", "var", "let", "static", "mutating", "nonmutating", "init", "subscript", "case",
        "package", "private", "fileprivate", "internal", "public", "typealias", "associatedtype",
        "struct", "class", "enum", "actor", "protocol", "extension", "deinit", "nonisolated",
    ]

    private static func isWordByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private func words(in range: Range<Int>) -> [Word] {
        var words: [Word] = []
        var start: Int?
        for index in range {
            if Self.isWordByte(code[index]) {
                start = start ?? index
            } else if let begin = start {
                words.append(Word(text: text(begin..<index), start: begin))
                start = nil
            }
        }
        if let start { words.append(Word(text: text(start..<range.upperBound), start: start)) }
        return words
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: code[range], as: UTF8.self)
    }

    /// The index behind the bracket that closes the one at `start`.
    private func end(ofBracketAt start: Int) -> Int {
        var depth = 0
        for index in start..<code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
        }
        return code.count
    }

    /// Functions and initializers at any depth.
    var functions: [Function] {
        let words = words(in: code.indices)
        return words.indices.compactMap { place in
            switch words[place].text {
            case "func":
                // An operator's name holds no letter: the next word is then a parameter.
                let rest = code[words[place].end...]
                guard let parenthesis = rest.firstIndex(of: UInt8(ascii: "(")) else { return nil }
                return function(
                    name(in: words[place].end..<parenthesis), at: words[place].start,
                    parameters: parenthesis)
            case "init":
                // A call has a point before it, a declaration has none.
                guard words[place].start == 0 || code[words[place].start - 1] != UInt8(ascii: ".")
                else { return nil }
                let next = code[words[place].end...].firstIndex { $0 != UInt8(ascii: "?") }
                guard let next, code[next] == UInt8(ascii: "(") || code[next] == UInt8(ascii: "<"),
                    let parenthesis = code[next...].firstIndex(of: UInt8(ascii: "("))
                else { return nil }
                return function("init", at: words[place].start, parameters: parenthesis)
            default: return nil
            }
        }
    }

    /// The text between `func` and the parameters, without generic parameters.
    private func name(in range: Range<Int>) -> String {
        let text = String(decoding: source[range].drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
        if text.first == "`" || text.first == "<" { return text }
        return String(text.prefix { $0 != "<" && $0 != " " })
    }

    private func function(_ name: String, at start: Int, parameters: Int) -> Function {
        let end = end(ofBracketAt: parameters)
        let first = line(at: start)
        let last = body(behind: end).map { line(at: self.end(ofBracketAt: $0) - 1) } ?? first
        return Function(
            name: name, line: first,
            parameterCount: count(ofParametersIn: parameters + 1..<end - 1),
            lineCount: last - first + 1)
    }

    private func count(ofParametersIn range: Range<Int>) -> Int {
        var depth = 0
        var count = 0
        var hasAny = false
        for index in range {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"):
                depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: ">") where code[index - 1] != UInt8(ascii: "-"): depth -= 1
            case UInt8(ascii: ":") where depth == 0: count += 1
            default: break
            }
            hasAny = true
        }
        return hasAny ? count : 0
    }

    /// The brace that opens the body of the function whose parameters end here.
    private func body(behind start: Int) -> Int? {
        var index = start
        while index < code.count {
            let byte = code[index]
            if byte == UInt8(ascii: "{") { return index }
            if byte == UInt8(ascii: "}") { return nil }
            // An attribute that begins a line belongs to the next declaration.
            if byte == UInt8(ascii: "@"),
                code[..<index].last(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "\n")
            {
                return nil
            }
            if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") {
                index = end(ofBracketAt: index)
            } else if Self.isWordByte(byte) {
                let word = code[index...].prefix(while: Self.isWordByte)
                if Self.declarationWords.contains(String(decoding: word, as: UTF8.self)) {
                    return nil
                }
                index = word.endIndex
            } else {
                index += 1
            }
        }
        return nil
    }

    /// Each type's and extension's body. A nested type also has a body of its own.
    var typeBodies: [TypeBody] {
        let words = words(in: code.indices)
        return words.indices.compactMap { place in
            guard Self.typeWords.contains(words[place].text), words.indices.contains(place + 1),
                // `class func` and `.extension` declare no type.
                words[place].start == 0 || code[words[place].start - 1] != UInt8(ascii: "."),
                !Self.memberWords.contains(words[place + 1].text),
                let brace = code[words[place].end...].firstIndex(of: UInt8(ascii: "{"))
            else { return nil }
            let header = text(words[place].end..<brace)
            let dotted = header.drop(while: \.isWhitespace)
                .prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            guard let name = dotted.split(separator: ".").last else { return nil }
            return TypeBody(
                name: String(name), members: members(in: brace..<end(ofBracketAt: brace)))
        }
    }

    /// Every name that a keyword declares in a range, and every name in a list of cases.
    private func members(in range: Range<Int>) -> Set<String> {
        let words = words(in: range)
        var members: Set<String> = []
        for (place, word) in words.enumerated() where place > 0 {
            let before = words[place - 1]
            if Self.memberWords.contains(before.text) { members.insert(word.text) }
            if word.text == "init" { members.insert(word.text) }
            if before.text == "case" {
                members.formUnion(cases(from: word.start, in: range))
            }
        }
        return members
    }

    private func cases(from start: Int, in range: Range<Int>) -> Set<String> {
        var names: Set<String> = []
        var index = start
        var isName = true
        while index < range.upperBound {
            let byte = code[index]
            if byte == UInt8(ascii: "(") {
                index = end(ofBracketAt: index)
            } else if byte == UInt8(ascii: ",") {
                isName = true
                index += 1
            } else if Self.isWordByte(byte) {
                let word = code[index...].prefix(while: Self.isWordByte)
                guard isName else { break }
                names.insert(String(decoding: word, as: UTF8.self))
                isName = false
                index = word.endIndex
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
                index += 1
            } else {
                break
            }
        }
        return names
    }
}
