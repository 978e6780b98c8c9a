import Archive
import ArgumentParser
import BlendFile
import Farm
import Foundation
import Inspection

/// The argument of `inspect` and `submit`: a .blend file, a project's folder, or its archive.
struct LocalScene {
    private enum Form {
        case blend
        case folder(FolderTree)
        case archive
    }

    /// Absolute.
    let path: String
    private let form: Form

    init(_ argument: String) throws {
        path = absolute(argument)
        guard let isFolder = FolderTree.isFolder(path) else {
            throw ValidationError("\(argument) does not exist.")
        }
        switch UploadKind(name: path) {
        case _ where isFolder: form = .folder(FolderTree(root: path))
        case .scene: form = .blend
        case .project: form = .archive
        case .listing:
            throw ValidationError(
                "\(argument) only lists a project's files. Pass the project's folder instead.")
        case nil:
            throw ValidationError(
                "\(argument) is not a folder and does not end in .blend, "
                    + "\(UploadKind.projectEndings.joined(separator: ", ")): "
                    + "only these uploads become jobs.")
        }
    }

    /// The size of the file. `nil` for a folder.
    var byteCount: Int64? {
        get throws {
            if case .folder = form { return nil }
            return try LocalFile(path: path).byteCount
        }
    }

    /// Inspects the scene and its files on this machine.
    func inspect(file: String?) async throws -> SceneInspection {
        switch form {
        case .blend:
            return try await .project(path, in: FolderTree.machine, limits: .local) {
                (name) throws(ByteSourceError) in try LocalFile(path: name)
            }
        case .folder(let tree):
            let scenes = try tree.files(at: "").filter(ProjectListing.isScene).sorted()
            let scene = try ProjectListing.scene(named: file, among: scenes)
            return try await .project(scene, in: tree, limits: .local) {
                (name) throws(ByteSourceError) in
                try LocalFile(path: tree.place(name))
            }
        case .archive:
            return try await inspectArchive(file: file)
        }
    }

    private func inspectArchive(file: String?) async throws -> SceneInspection {
        let archive = try LocalFile(path: path)
        let scratch = FileManager.default.temporaryDirectory.path(percentEncoded: false)
        return try await ArchiveInspection.inspect(
            archive.byteCount, file: file,
            in: ArchiveInspection.Scratch("\(scratch)/spotrender-\(randomHex(16))")
        ) { (range) async throws(PortError) in
            do throws(ByteSourceError) {
                return try await archive.read(range)
            } catch {
                throw PortError(.disk, "read \(path)", error.message)
            }
        }
    }

    /// Inspects what the farm will receive, by the farm's own rules.
    func inspectUpload(file: String?) async throws -> SceneInspection {
        guard case .blend = form else { return try await inspect(file: file) }
        return try await .alone(
            URL(filePath: path).lastPathComponent, LocalFile(path: path), limits: .local)
    }

    /// Calls `body` with the path of a .blend file on this machine. Unpacks an archive meanwhile.
    ///
    /// - Parameter file: The file's name in the inspection.
    func withFile<Answer>(
        _ file: String, _ body: (_ path: String) async throws -> Answer
    ) async throws -> Answer {
        switch form {
        case .blend: return try await body(path)
        case .folder(let tree): return try await body(tree.place(file))
        case .archive: break
        }
        let scratch = FileManager.default.temporaryDirectory
            .appending(path: "spotrender-\(randomHex(16))").path(percentEncoded: false)
        // A copy. The system cleans its temporary folder if this fails.
        defer { do { try FileManager.default.removeItem(atPath: scratch) } catch {} }
        try await ArchiveReader.unpack(path, into: scratch)
        return try await body("\(scratch)/\(file)")
    }

    /// A folder's files that the scene refers to. `nil` for a single file.
    func project(_ scene: SceneInspection) throws -> LocalProject? {
        guard case .folder(let tree) = form else { return nil }
        guard let needs = scene.needs else {
            throw ValidationError(
                "\(scene.file) is too large to search for the files that it needs. Pack the folder "
                    + "into a .zip and submit the .zip.")
        }
        let wanted = [scene.file] + needs.flatMap(\.paths)
        let paths = Set(try wanted.flatMap { try tree.files(at: $0) }).sorted()
        return LocalProject(
            name: URL(filePath: path).lastPathComponent, scene: scene.file,
            files: paths.map { LocalProject.Entry(path: $0, place: tree.place($0)) })
    }
}
