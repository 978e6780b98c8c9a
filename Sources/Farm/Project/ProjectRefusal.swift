/// Why an archive or a listing is not a valid project. Each case has a sentence for the uploader.
package enum ProjectRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The archive can't be read, or not to its end. Contains the reader's reason.
    case unreadable(String)
    case unreadableName(number: Int)
    /// The path is absolute or contains `..`, so it leads outside the project.
    case escapes(String)
    case pathTooLong(String)
    /// A symbolic or hard link.
    case link(String)
    /// A device, a socket or a pipe.
    case special(String)
    case encrypted(String)
    /// Two entries have the same name, or one is below a file.
    case twice(String)
    case tooManyEntries(max: Int)
    /// The unpacked size exceeds `max` bytes at this entry.
    case tooLarge(String, max: Int64)
    case scenesTooLarge(max: Int64)
    /// The listing of a stored project is invalid, for this reason.
    case listing(String)
    /// Files in the listing that the bucket does not have in that size.
    case notStored(MissingFiles)
    /// The stored file has another hash.
    case otherContent(String, StoredFile)
    case noScene
    case manyScenes([String])
    case unknownScene(String, known: [String])

    package var description: String {
        switch self {
        case .unreadable(let reason):
            "The archive can't be read (\(reason)): pack it again as .zip or .tar.gz, and upload it."
        case .unreadableName(let number):
            "The name of the project's entry \(number) can't be read: pack it with names in UTF-8."
        case .escapes(let path):
            "The project's entry “\(path)” would be unpacked outside of its folder: pack the "
                + "project's own folder, with paths relative to it."
        case .pathTooLong(let path):
            "The project's entry “\(path.prefix(200))…” has too long a name: shorten it."
        case .link(let path):
            "The project's entry “\(path)” is a link: pack the file itself instead "
                + "(tar: --dereference --hard-dereference)."
        case .special(let path):
            "The project's entry “\(path)” is neither a file nor a folder: leave it out."
        case .encrypted(let path):
            "The project's entry “\(path)” is encrypted: pack it without a password."
        case .twice(let path):
            "The project contains “\(path)” twice: remove one of them."
        case .tooManyEntries(let max):
            "The project has more than \(max) entries: leave out files that the scene doesn't need."
        case .tooLarge(let path, let max):
            "The project exceeds \(max) bytes at “\(path)”. An archive of this size, or a worker's "
                + "disk, does not allow more. Leave out files that the scene doesn't need."
        case .scenesTooLarge(let max):
            "The archive's .blend files have more than \(max) bytes together: leave out those that "
                + "the scene doesn't need."
        case .listing(let reason):
            "The project's listing can't be read (\(reason)): submit the folder again with "
                + "this farm's version of spotrender."
        case .notStored(let files):
            "The bucket lacks \(files.count == 1 ? "a file" : "\(files.count) files") that the "
                + "project's listing names: \(files). Submit the folder again."
        case .otherContent(let path, let file):
            "The object \(file.key) in the bucket does not contain “\(path)”: delete it and submit "
                + "the folder again."
        case .noScene:
            "The project has no .blend, so there is nothing to render."
        case .manyScenes(let paths):
            "The project has \(paths.count) .blend files, so choose the one to render with file=…: "
                + JobRefusal.list(paths) + "."
        case .unknownScene(let name, let known):
            "The project has no .blend “\(name)”, which file=… names; it has "
                + (known.isEmpty ? "none" : JobRefusal.list(known)) + "."
        }
    }
}
