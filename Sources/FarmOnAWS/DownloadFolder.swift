package import Farm
internal import Glibc

/// A folder on this machine that a job's files are downloaded into, and nothing else is written to.
///
/// The names come from S3 keys. Everyone who may write to the output bucket can choose them, and so
/// can a scene's File Output nodes. A name that leads out of the folder is refused. A name whose
/// way leads through a symbolic link is refused too.
package struct DownloadFolder: Hashable, Sendable {
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case name(String, RelativePath.Refusal)
        /// A part of the way below the folder is a symbolic link.
        case link(String)

        package var description: String {
            switch self {
            case .name(let name, .empty): "“\(name)” has an empty part"
            case .name(let name, .escapes): "“\(name)” leads out of the folder"
            case .name(let name, .controlByte): "“\(name)” has control characters"
            case .name(let name, .tooLong): "“\(name)” is too long for a file name"
            case .link(let path): "“\(path)” is a link, and links are not followed"
            }
        }
    }

    /// Absolute.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Where a file of this name belongs.
    package func path(of name: String) throws(Refusal) -> String {
        let relative: RelativePath
        do {
            relative = try RelativePath(name)
        } catch {
            throw .name(name, error)
        }
        var way = path
        for part in relative.names {
            way += "/" + part
            guard !isLink(way), !isLink(way + ".part") else { throw .link(way) }
        }
        return way
    }

    private func isLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}
