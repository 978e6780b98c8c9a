internal import Archive
internal import Digest
internal import Farm
internal import FoundationEssentials
internal import Glibc

/// Keeps files of stored projects on this machine's disk, by content. A file that two projects
/// share is fetched once. A file stays as long as a project on this disk uses it.
///
/// The cache reads and hashes every file before a project gets it. This includes files that were
/// here already: a scene may have written to them.
struct FileCache: Sendable {
    /// The worker's transport allows 32 requests at a time, and the lease is renewed meanwhile.
    private static let fetchesMax = 8

    private typealias Placed = Result<Void, ArchiveError>

    /// A file that a project needs.
    private struct Needed: Sendable {
        let file: StoredFile
        /// One of its paths, for error messages.
        let name: String
        /// All its paths in the project.
        let paths: [String]
    }

    let scenes: any SceneStore
    /// Made when missing.
    let directory: String

    /// Makes `folder` and places all files of the project there.
    ///
    /// - Parameter bucket: Holds the files.
    func place(
        _ project: StoredProject, from bucket: String, into folder: String
    ) async throws(ArchiveError) {
        try make(directory)
        let paths = Dictionary(grouping: project.files.keys) { project.files[$0] }
        let outcome = await withTaskGroup(of: Placed.self) { group -> Placed in
            var waiting = project.contents.makeIterator()
            func addNext() {
                guard let (file, path) = waiting.next() else { return }
                group.addTask {
                    let needed = Needed(file: file, name: path, paths: paths[file] ?? [])
                    return await place(needed, from: bucket, into: folder)
                }
            }
            for _ in 0..<Self.fetchesMax { addNext() }
            while let placed = await group.next() {
                if case .failure = placed {
                    group.cancelAll()
                    return placed
                }
                addNext()
            }
            return .success(())
        }
        try outcome.get()
    }

    private func place(
        _ needed: Needed, from bucket: String, into folder: String
    ) async -> Placed {
        do throws(ArchiveError) {
            let content = "\(directory)/\(needed.file.sha256)"
            try await fetch(needed.file, named: needed.name, from: bucket, to: content)
            for path in needed.paths { try link(content, to: "\(folder)/\(path)") }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func fetch(
        _ file: StoredFile, named name: String, from bucket: String, to path: String
    ) async throws(ArchiveError) {
        if FileManager.default.fileExists(atPath: path) {
            if try await isWhole(path, file) { return }
            try remove(path)
        }
        let object = try await find(file, in: bucket)
        guard let object, object.byteCount == file.byteCount else {
            guard let missing = MissingFiles([name]) else {
                preconditionFailure("One file is missing.")
            }
            throw .refused(.notStored(missing))
        }
        do {
            try await scenes.download(object, to: path)
        } catch {
            throw .world(error)
        }
        guard try await isWhole(path, file) else {
            try remove(path)
            throw .refused(.otherContent(name, file))
        }
    }

    private func find(
        _ file: StoredFile, in bucket: String
    ) async throws(ArchiveError) -> SceneObject? {
        do {
            return try await scenes.find(bucket: bucket, key: file.key, version: nil)?.object
        } catch {
            throw .world(error)
        }
    }

    private func isWhole(_ path: String, _ file: StoredFile) async throws(ArchiveError) -> Bool {
        do {
            let slice = try FileSlice(whole: path)
            guard slice.length == file.byteCount else { return false }
            return hex(try await slice.sha256()) == file.sha256
        } catch {
            throw .world(PortError(.disk, "read a fetched file", error.description))
        }
    }

    /// A hard link, or a copy where the disk has none.
    private func link(_ content: String, to path: String) throws(ArchiveError) {
        try make(RelativePath.folder(of: path))
        do {
            do {
                try FileManager.default.linkItem(atPath: content, toPath: path)
            } catch {
                try FileManager.default.copyItem(atPath: content, toPath: path)
            }
        } catch {
            throw .world(PortError(.disk, "place a file at \(path)", "\(error)"))
        }
    }

    /// Removes files that no project on this disk uses any more.
    func removeUnused() throws(ArchiveError) {
        guard FileManager.default.fileExists(atPath: directory) else { return }
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
                let path = "\(directory)/\(name)"
                var status = stat()
                if unsafe lstat(path, &status) == 0, status.st_nlink == 1 {
                    try FileManager.default.removeItem(atPath: path)
                }
            }
        } catch {
            throw .world(PortError(.disk, "clear \(directory)", "\(error)"))
        }
    }

    private func remove(_ path: String) throws(ArchiveError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw .world(PortError(.disk, "remove \(path)", "\(error)"))
        }
    }

    private func make(_ folder: String) throws(ArchiveError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .world(PortError(.disk, "make \(folder)", "\(error)"))
        }
    }
}
