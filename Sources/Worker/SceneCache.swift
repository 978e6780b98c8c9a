internal import Archive
internal import Digest
package import Farm
internal import FoundationEssentials

/// Keeps scenes on this machine's disk, by upload. It downloads a scene once, unpacks an archive
/// once and assembles a stored project once.
package struct SceneCache: Sendable {
    private let scenes: any SceneStore
    private let directory: String
    private let files: FileCache
    private let scenesMax: Int

    /// - Parameter directory: The cache makes its folders `scenes` and `files` there.
    package init(scenes: any SceneStore, directory: String, scenesMax: Int) {
        precondition(scenesMax >= 1, "The scene being rendered stays on disk.")
        self.scenes = scenes
        self.directory = directory + "/scenes"
        files = FileCache(scenes: scenes, directory: directory + "/files")
        self.scenesMax = scenesMax
    }

    /// The path of the scene's .blend. Downloads and unpacks the scene if it is not here yet.
    ///
    /// - Parameter file: The .blend's path in the project; `nil` when the upload is the .blend.
    package func path(of scene: SceneObject, file: String?) async throws(RenderError) -> String {
        let name = hex(SHA256.hash(Array(scene.identity.utf8))) + (file == nil ? ".blend" : "")
        let path = directory + "/" + name
        do throws(ArchiveError) {
            try makeRoom(keeping: name, scenesMax)
            if !FileManager.default.fileExists(atPath: path) {
                try await fetch(scene, to: path, isProject: file != nil, keeping: name)
            }
        } catch {
            switch error {
            case .refused(let refusal):
                throw .failed(RenderFailure(.scene, refusal.description))
            case .world(let error): throw .storing(error)
            case .canceled: throw .canceled
            }
        }
        return file.map { path + "/" + $0 } ?? path
    }

    private func fetch(
        _ scene: SceneObject, to path: String, isProject: Bool, keeping name: String
    ) async throws(ArchiveError) {
        do throws(ArchiveError) {
            try await fetch(scene, to: path, isProject: isProject)
        } catch {
            // Older scenes only save a download. This scene is needed now.
            guard case .world(let problem) = error, problem.kind == .disk,
                try makeRoom(keeping: name, 1) > 0
            else { throw error }
            try await fetch(scene, to: path, isProject: isProject)
        }
    }

    private func fetch(
        _ scene: SceneObject, to path: String, isProject: Bool
    ) async throws(ArchiveError) {
        guard isProject else { return try await download(scene, to: path) }
        let upload = path + ".upload"
        let folder = path + ".unpacking"
        defer { remove(upload) }
        // An earlier run of this worker may have left it behind.
        remove(folder)
        try await download(scene, to: upload)
        if UploadKind(name: scene.key) == .listing {
            try await files.place(try listing(at: upload), from: scene.bucket, into: folder)
        } else {
            try await ArchiveReader.unpack(upload, into: folder)
        }
        // A rename is atomic: the path never holds half a project.
        do {
            try FileManager.default.moveItem(atPath: folder, toPath: path)
        } catch {
            throw .world(PortError(.disk, "unpack to \(path)", "\(error)"))
        }
    }

    private func listing(at path: String) throws(ArchiveError) -> StoredProject {
        guard let json = FileManager.default.contents(atPath: path) else {
            throw .world(PortError(.disk, "read \(path)", "it can't be read"))
        }
        do {
            return try StoredProject(json: Array(json))
        } catch {
            throw .refused(error)
        }
    }

    private func download(
        _ scene: SceneObject, to path: String
    ) async throws(ArchiveError) {
        do {
            try await scenes.download(scene, to: path)
        } catch {
            throw .world(error)
        }
    }

    private func remove(_ path: String) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            // Mostly the file does not exist. If it does, `makeRoom` removes it later.
        }
    }

    /// Removes the oldest scenes until at most `count` are left, including this one.
    ///
    /// - Returns: How many scenes were removed.
    @discardableResult
    private func makeRoom(keeping name: String, _ count: Int) throws(ArchiveError) -> Int {
        do {
            let files = FileManager.default
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let others = try files.contentsOfDirectory(atPath: directory).filter { $0 != name }
            let aged = try others.map { other in
                let attributes = try files.attributesOfItem(atPath: directory + "/" + other)
                return (other, attributes[.modificationDate] as? Date ?? .distantPast)
            }
            let surplus = max(0, aged.count - (count - 1))
            for (other, _) in aged.sorted(by: { $0.1 < $1.1 }).prefix(surplus) {
                try files.removeItem(atPath: directory + "/" + other)
            }
            try self.files.removeUnused()
            return surplus
        } catch let error as ArchiveError {
            throw error
        } catch {
            throw .world(PortError(.disk, "keep scenes in \(directory)", "\(error)"))
        }
    }
}
