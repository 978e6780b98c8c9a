import Foundation

/// A folder's files that its scene needs.
struct LocalProject {
    struct Entry: Sendable {
        /// Relative to the folder.
        let path: String
        /// The absolute path on this machine.
        let place: String
    }

    /// The folder's name.
    let name: String
    /// The .blend file's path in the folder.
    let scene: String
    let files: [Entry]

    var byteCount: Int64 {
        get throws {
            try files.reduce(0) { sum, file in
                // Follows links, as reading the file does.
                let place = URL(filePath: file.place).resolvingSymlinksInPath()
                let facts = try FileManager.default.attributesOfItem(
                    atPath: place.path(percentEncoded: false))
                return sum + (facts[.size] as? Int64 ?? 0)
            }
        }
    }
}
