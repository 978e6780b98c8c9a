import FoundationEssentials
import Glibc
import SystemPackage

/// The folder that Blender can write to, and with it everything that a scene runs.
///
///     Blender ──▶ home ──take──▶ the request's directory ──▶ check ──▶ store
///
/// The worker never checks or stores a file in here: between the two, the scene could put a link in
/// the file's place. It first moves the file to a directory that the sandbox does not show. No link
/// on the way to the file is followed.
struct BlenderHome {
    let path: String

    /// Names of all files below a folder of this home. Links to folders are not followed.
    func files(below folder: String) throws -> [String] {
        let files = FileManager.default
        return try files.subpathsOfDirectory(atPath: "\(path)/\(folder)").sorted().filter {
            let kind = try files.attributesOfItem(atPath: "\(path)/\(folder)/\($0)")[.type]
            return kind as? FileAttributeType != .typeDirectory
        }
    }

    /// Moves a file out of Blender's reach. A link is moved as a link. The folder of `target`
    /// exists.
    ///
    /// - Parameter isCopied: The file also stays here, for Blender.
    func take(_ name: String, to target: String, isCopied: Bool = false) throws {
        try within(name) { (folder, last) in
            if !isCopied {
                guard try Self.isDirectory(last, in: folder.rawValue) == false else {
                    throw Errno.isDirectory
                }
                if try Self.rename(last, in: folder.rawValue, to: target, in: AT_FDCWD) {
                    // A folder that is moved stays open for the programs that have opened it.
                    guard try Self.isDirectory(target, in: AT_FDCWD) == false else {
                        try FileManager.default.removeItem(atPath: target)
                        throw Errno.isDirectory
                    }
                    return
                }
            }
            try Self.copy(
                Self.open(last, in: folder.rawValue, O_RDONLY | O_NONBLOCK),
                Self.open(target, in: AT_FDCWD, O_WRONLY | O_CREAT | O_TRUNC))
        }
    }

    /// Moves a file of the worker's into this folder. It replaces what has its name.
    func put(_ source: String, as name: String) throws {
        try within(name) { (folder, last) in
            guard try !Self.rename(source, in: AT_FDCWD, to: last, in: folder.rawValue) else {
                return
            }
            try Self.remove(last, in: folder)
            try Self.copy(
                Self.open(source, in: AT_FDCWD, O_RDONLY),
                Self.open(last, in: folder.rawValue, O_WRONLY | O_CREAT | O_EXCL))
            try FileManager.default.removeItem(atPath: source)
        }
    }

    /// Removes a file. A missing one is no error.
    func remove(_ name: String) throws {
        try within(name) { (folder, last) in try Self.remove(last, in: folder) }
    }

    /// Opens the file's folder step by step.
    private func within(
        _ name: String, _ body: (_ folder: FileDescriptor, _ last: String) throws -> Void
    ) throws {
        var parts = name.split(separator: "/").map(String.init)
        let last = parts.removeLast()
        precondition(!(parts + [last]).contains(".."), "A file of a folder lies below the folder.")
        var folder = try Self.open(path, in: AT_FDCWD, O_RDONLY | O_DIRECTORY)
        defer { Self.close(folder) }
        for part in parts {
            let next = try Self.open(part, in: folder.rawValue, O_RDONLY | O_DIRECTORY)
            Self.close(folder)
            folder = next
        }
        try body(folder, last)
    }
}

extension BlenderHome {
    private static func open(
        _ name: String, in folder: Int32, _ flags: Int32
    ) throws -> FileDescriptor {
        let number = unsafe openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        return FileDescriptor(rawValue: number)
    }

    /// A failure to close does not matter here: writes have their own errors.
    private static func close(_ file: FileDescriptor) {
        do { try file.close() } catch {}
    }

    private static func isDirectory(_ name: String, in folder: Int32) throws -> Bool {
        var status = stat()
        guard unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw Errno(rawValue: errno)
        }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    /// False where the target is on another file system.
    private static func rename(
        _ name: String, in folder: Int32, to target: String, in other: Int32
    ) throws -> Bool {
        if unsafe renameat(folder, name, other, target) == 0 { return true }
        guard errno == EXDEV else { throw Errno(rawValue: errno) }
        return false
    }

    private static func remove(_ name: String, in folder: FileDescriptor) throws {
        guard unsafe unlinkat(folder.rawValue, name, 0) != 0, errno != ENOENT else { return }
        throw Errno(rawValue: errno)
    }

    /// Copies a regular file, and closes both.
    private static func copy(_ source: FileDescriptor, _ target: FileDescriptor) throws {
        defer {
            close(source)
            close(target)
        }
        var status = stat()
        guard unsafe fstat(source.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            Int64(status.st_size) <= PictureLimits.fileByteCountMax
        else { throw Errno.notSupported }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var left = Int(status.st_size)
        while left > 0 {
            let count = min(left, buffer.count)
            let got = unsafe try buffer.withUnsafeMutableBytes { bytes in
                unsafe try source.read(into: .init(rebasing: bytes[..<count]))
            }
            guard got > 0 else { return }
            try target.writeAll(buffer[..<got])
            left -= got
        }
    }
}
