import FoundationEssentials

/// The files of an assembly, below its directory.
struct AssemblyFolder: Hashable, Sendable {
    let directory: String

    /// The fetched picture. Each one replaces the one before.
    var picture: String { "\(directory)/picture" }
    /// The video's pictures, named by frame number.
    var stills: String { "\(directory)/stills" }
    var thumbnails: String { "\(directory)/thumbnails" }
    var contactSheet: String { "\(directory)/contact-sheet.jpg" }
    var video: String { "\(directory)/video.mp4" }

    func thumbnail(of frame: Int) -> String { "\(thumbnails)/\(frame).jpg" }

    func make() throws {
        for path in [stills, thumbnails] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
    }

    func removePicture() throws {
        guard FileManager.default.fileExists(atPath: picture) else { return }
        try FileManager.default.removeItem(atPath: picture)
    }

    func removeStill(of frame: Int) throws {
        try FileManager.default.removeItem(atPath: "\(stills)/\(frame).jpg")
    }
}
