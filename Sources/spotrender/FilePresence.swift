import BlendFile
import Foundation

/// Looks for a scene's files where Blender would.
struct FilePresence {
    private let folder: String
    /// The .blend's name without its suffix.
    private let stem: String

    init(scene: URL) {
        folder = scene.deletingLastPathComponent().path(percentEncoded: false)
        stem = scene.deletingPathExtension().lastPathComponent
    }

    func isThere(_ reference: FileReference) -> Bool {
        let path = absolute(reference.path)
        switch reference.kind {
        case .imageTiles:
            return hasNumbered(path, around: path.firstRange(of: /<UDIM>|<UVTILE>/))
        case .imageSequence, .volumeSequence:
            // The last number in the file's name.
            return hasNumbered(path, around: path.ranges(of: /[0-9]+(?=[^0-9\/]*$)/).last)
        case .image, .movie, .library, .font, .sound, .sceneCache, .volume, .fluidCache,
            .pointCache, .meshCache, .oceanCache, .script, .lightProfile:
            return FileManager.default.fileExists(atPath: path)
        }
    }

    /// `//` is the .blend's folder, and `\` Windows' separator.
    private func absolute(_ path: String) -> String {
        let path = path.replacing("\\", with: "/").replacing("*", with: stem)
        return path.hasPrefix("//") ? folder + path.dropFirst(2) : path
    }

    /// Whether there is a file with any number in the place of `token`.
    private func hasNumbered(_ path: String, around token: Range<String.Index>?) -> Bool {
        guard let token, let slash = path[..<token.lowerBound].lastIndex(of: "/") else {
            return FileManager.default.fileExists(atPath: path)
        }
        let start = path[path.index(after: slash)..<token.lowerBound]
        let end = path[token.upperBound...]
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: String(path[...slash]))
        } catch {
            return false
        }
        return names.contains { name in
            name.count > start.count + end.count && name.hasPrefix(start) && name.hasSuffix(end)
                && name.dropFirst(start.count).dropLast(end.count).allSatisfy(\.isNumber)
        }
    }
}
