/// Files that a scene needs and that are missing. At least one.
package struct MissingFiles: Error, Hashable, Sendable, CustomStringConvertible {
    /// All missing files, including those that are not shown.
    package let count: Int
    /// Paths in the .blend's notation and order. Paths in a linked .blend have its name in front.
    package let shown: [String]

    /// `nil` when nothing is missing.
    package init?(_ paths: [String], count: Int? = nil) {
        guard !paths.isEmpty else { return nil }
        self.count = max(paths.count, count ?? 0)
        var bytes = 0
        shown = Array(
            paths.prefix {
                bytes += $0.utf8.count + 2
                return bytes <= Self.shownBytesMax
            })
    }

    package var description: String {
        let rest = count - shown.count
        return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// The text is part of a job's item, which DynamoDB limits to 400 KB.
    private static let shownBytesMax = 6000
}
