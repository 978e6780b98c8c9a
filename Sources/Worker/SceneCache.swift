package import Farm
internal import Digest
internal import FoundationEssentials

/// Keeps scenes on this machine's disk, by content: the same upload is downloaded once.
package struct SceneCache: Sendable {
    private let scenes: any SceneStore
    private let directory: String
    private let scenesMax: Int

    package init(scenes: any SceneStore, directory: String, scenesMax: Int) {
        precondition(scenesMax >= 1, "The scene being rendered stays on disk.")
        self.scenes = scenes
        self.directory = directory
        self.scenesMax = scenesMax
    }

    /// The path of the scene's file, downloaded if it is not here yet.
    package func path(of scene: SceneObject) async throws(PortError) -> String {
        let name = hex(SHA256.hash(Array(scene.identity.utf8))) + ".blend"
        let path = directory + "/" + name
        try makeRoom(keeping: name, scenesMax)
        if FileManager.default.fileExists(atPath: path) { return path }
        do throws(PortError) {
            try await scenes.download(scene, to: path)
        } catch {
            // Older scenes only save a download; this one is needed now.
            guard error.kind == .disk, try makeRoom(keeping: name, 1) > 0 else { throw error }
            try await scenes.download(scene, to: path)
        }
        return path
    }

    /// Removes the oldest scenes, so that with this one there are at most `count`; how many.
    @discardableResult
    private func makeRoom(keeping name: String, _ count: Int) throws(PortError) -> Int {
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
            return surplus
        } catch {
            throw PortError(.disk, "keep scenes in \(directory)", "\(error)")
        }
    }
}
