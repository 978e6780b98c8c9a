/// Why an archive or a listing is no project: each case ends in a sentence its uploader understands.
package enum ProjectRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The archive can't be read at all, or not to its end; what its reader says.
    case unreadable(String)
    case unreadableName(number: Int)
    /// Absolute, or with `..` in it: it would be written elsewhere.
    case escapes(String)
    case pathTooLong(String)
    /// A symbolic or hard link.
    case link(String)
    /// A device, a socket, a pipe.
    case special(String)
    case encrypted(String)
    /// Two entries of one name, or one below a file.
    case twice(String)
    case tooManyEntries(max: Int)
    /// Unpacked it is larger than `most` bytes, at this entry.
    case tooLarge(String, max: Int64)
    case scenesTooLarge(max: Int64)
    /// What is wrong with the listing of a stored project.
    case listing(String)
    /// Files that the listing names and the bucket does not have, or not in that size.
    case notStored(MissingFiles)
    /// What is stored for this file has another hash.
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
            "The project's entry “\(path)” is a link: pack the file itself in its place "
                + "(tar: --dereference --hard-dereference)."
        case .special(let path):
            "The project's entry “\(path)” is no file or folder: leave it out."
        case .encrypted(let path):
            "The project's entry “\(path)” is encrypted: pack it without a password."
        case .twice(let path):
            "The project has “\(path)” twice: which one is meant can't be told, so leave one out."
        case .tooManyEntries(let max):
            "The project has more than \(max) entries: leave out what the scene doesn't need."
        case .tooLarge(let path, let max):
            "The project has more than \(max) bytes, at “\(path)”: that is more than its archive's "
                + "size allows, or than a worker holds. Leave out what the scene doesn't need."
        case .scenesTooLarge(let max):
            "The archive's .blend files have more than \(max) bytes together: leave out those that "
                + "the scene doesn't need."
        case .listing(let reason):
            "The project's listing can't be read (\(reason)): submit the folder again, by this "
                + "farm's own spotrender."
        case .notStored(let files):
            "The bucket lacks \(files.count == 1 ? "a file" : "\(files.count) files") that the "
                + "project's listing names: \(files). Submit the folder again."
        case .otherContent(let path, let file):
            "The bucket has other bytes at \(file.key) than those of “\(path)”: delete that object, "
                + "and submit the folder again."
        case .noScene:
            "The project has no .blend, so there is nothing to render."
        case .manyScenes(let paths):
            "The project has \(paths.count) .blend files, so say which one to render, by file=…: "
                + JobRefusal.list(paths) + "."
        case .unknownScene(let name, let known):
            "The project has no .blend “\(name)”, which file=… names; it has "
                + (known.isEmpty ? "none" : JobRefusal.list(known)) + "."
        }
    }
}
