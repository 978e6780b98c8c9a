/// Files that a scene needs and that are not there. At least one.
package struct MissingFiles: Error, Hashable, Sendable, CustomStringConvertible {
    /// All of them, also those that are not shown.
    package let count: Int
    /// Paths as the .blend has them, in its order; of a linked .blend's, with its name.
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

    /// Stands in a job's item, of which DynamoDB takes 400 KB, and in its reason.
    private static let shownBytesMax = 6000
}
