/// Finds phrases as whole words, whatever their case and however their lines are broken.
enum PhraseFinder {
    static func phrases(_ phrases: [String], in text: String) -> [String] {
        let words = text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }
        let padded = " \(words.joined(separator: " ")) "
        return phrases.filter { padded.contains(" \($0) ") }
    }
}

/// Finds the symbols that a comment names: any name between double backticks, and a type with its
/// member between single backticks.
enum SymbolFinder {
    /// Each as its components.
    static func symbols(in comment: String) -> [[String]] {
        guard comment.utf8.contains(UInt8(ascii: "`")) else { return [] }
        let linked = comment.matches(of: /``([A-Za-z_][A-Za-z0-9_\/]*)[^`]*``/)
            .map { $0.output.1.split(separator: "/").map(String.init) }
        let quoted = comment.matches(
            of: /(?:^|[^`])`((?:[A-Z][A-Za-z0-9]*\.)+[a-z][A-Za-z0-9]*)[^`]*`/
        )
        .map { $0.output.1.split(separator: ".").map(String.init) }
        return linked + quoted
    }
}
