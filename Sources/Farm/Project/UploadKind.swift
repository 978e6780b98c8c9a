/// What an upload is, by its name: everything else in the bucket is no job.
package enum UploadKind: Hashable, Sendable {
    /// A .blend, with all it needs packed into it.
    case scene
    /// An archive with a .blend and the files it refers to.
    case project
    /// The same by content: a list of files that are in the bucket already. See `StoredProject`.
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
