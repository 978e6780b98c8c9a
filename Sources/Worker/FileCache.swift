internal import Archive
internal import Digest
internal import Farm
internal import FoundationEssentials
internal import Glibc

/// Files of stored projects on this machine's disk, by content: what two projects share is fetched
/// once. A file stays as long as a project on this disk has it.
///
/// What a file's name says of its content is never believed: each is read and hashed before a project
/// gets it, also one that was here already, since a scene may have written to it.
struct FileCache: Sendable {
    /// A worker's transport has 32 requests at a time, and there is a lease to renew meanwhile.
    private static let fetchesMax = 8

    private typealias Placed = Result<Void, ArchiveError>

    let scenes: any SceneStore
    /// Made when missing.
    let directory: String

    /// Makes `folder` and puts all of the project's files there.
    ///
    /// - Parameter bucket: Where they are stored.
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
                    await place(file, named: path, from: bucket, at: paths[file] ?? [], in: folder)
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
        _ file: StoredFile, named name: String, from bucket: String, at paths: [String],
        in folder: String
    ) async -> Placed {
        do throws(ArchiveError) {
            let content = "\(directory)/\(file.sha256)"
            try await fetch(file, named: name, from: bucket, to: content)
            for path in paths { try link(content, to: "\(folder)/\(path)") }
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
            throw .world(PortError(.disk, "put a file to \(path)", "\(error)"))
        }
    }

    /// Removes what no project on this disk has any more.
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
