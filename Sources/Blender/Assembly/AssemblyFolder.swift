import FoundationEssentials

/// The files of an assembly, below its directory. Blender has such a folder in its home, and the
/// worker has one out of Blender's reach.
struct AssemblyFolder: Hashable, Sendable {
    let directory: String

    static let pictureName = "picture"
    static let contactSheetName = "contact-sheet.jpg"
    static let videoName = "video.mp4"

    static func thumbnailName(of frame: Int) -> String { "thumbnails/\(frame).jpg" }
    static func stillName(of frame: Int) -> String { "stills/\(frame).jpg" }

    /// The fetched picture. Each one replaces the one before.
    var picture: String { "\(directory)/\(Self.pictureName)" }
    /// The video's pictures, named by frame number.
    var stills: String { "\(directory)/stills" }
    var thumbnails: String { "\(directory)/thumbnails" }
    var contactSheet: String { "\(directory)/\(Self.contactSheetName)" }
    var video: String { "\(directory)/\(Self.videoName)" }

    func make() throws {
        try FileManager.default.createDirectory(
            atPath: thumbnails, withIntermediateDirectories: true)
    }
}
