import Foundation

/// The files of a folder that a scene in it needs.
struct LocalProject {
    struct Entry: Sendable {
        /// Below the folder.
        let path: String
        /// On this machine.
        let place: String
    }

    /// The folder's name.
    let name: String
    /// The .blend's path in it.
    let scene: String
    let files: [Entry]

    var byteCount: Int64 {
        get throws {
            try files.reduce(0) { sum, file in
                // Links are followed, as they are when the file is read.
                let place = URL(filePath: file.place).resolvingSymlinksInPath()
                let facts = try FileManager.default.attributesOfItem(
                    atPath: place.path(percentEncoded: false))
                return sum + (facts[.size] as? Int64 ?? 0)
            }
        }
    }
}
