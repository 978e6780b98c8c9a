/// The kind of an upload, by its name. Other objects in the bucket start no job.
package enum UploadKind: Hashable, Sendable {
    /// A .blend that contains everything it needs.
    case scene
    /// An archive with a .blend and its files.
    case project
    /// A list of files that are already in the bucket. See `StoredProject`.
    case listing

    package init?(name: String) {
        let name = name.lowercased()
        if name.hasSuffix(".blend") {
            self = .scene
        } else if Self.projectEndings.contains(where: name.hasSuffix) {
            self = .project
        } else if name.hasSuffix(Self.listingEnding) {
            self = .listing
        } else {
            return nil
        }
    }

    package static let projectEndings = [".zip", ".tar.gz", ".tgz"]
    package static let listingEnding = ".project"
}
