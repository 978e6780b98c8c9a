/// A job's name in keys, messages and logs: `<name-as-slug>-<8 hex of SHA-256>`.
///
/// It depends on the uploaded object alone, so that a doubled event gives the same job.
package struct JobID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// - Parameter digest: SHA-256 of `source.identity`, in lower-case hexadecimal.
    package init(for source: SceneObject, digest: String) {
        precondition(digest.utf8.count >= 8, "A job's digest has at least eight digits.")
        self.init("\(Self.slug(source.fileName))-\(digest.prefix(8))")
    }

    package var description: String { rawValue }

    /// The file's name without its extension, in characters that need no escaping anywhere.
    static func slug(_ fileName: String) -> String {
        let stem = fileName.lastIndex(of: ".").map { fileName[..<$0] } ?? fileName[...]
        var slug = ""
        for character in stem.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                slug.append(character)
            } else if !slug.isEmpty, slug.last != "-" {
                slug.append("-")
            }
        }
        slug = String(slug.prefix(slugLengthMax))
        while slug.last == "-" { slug.removeLast() }
        return slug.isEmpty ? "scene" : slug
    }

    /// Keeps S3 keys far from their 1,024 bytes and log lines readable.
    private static let slugLengthMax = 48
}
