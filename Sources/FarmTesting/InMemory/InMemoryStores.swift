package import Farm
import FoundationEssentials

/// Uploaded scenes in memory.
package actor InMemorySceneStore: SceneStore {
    private struct Version {
        let scene: UploadedScene
        let bytes: [UInt8]
    }

    private var versions: [Version] = []
    private var uploadCount = 0
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    /// Uploads a scene. The same key again gives a new version.
    @discardableResult
    package func upload(
        _ bytes: [UInt8], bucket: String = "input", key: String, metadata: [String: String] = [:]
    ) -> SceneObject {
        uploadCount += 1
        let object = SceneObject(
            bucket: bucket, key: key, version: "version-\(uploadCount)",
            entityTag: "tag-\(uploadCount)", byteCount: Int64(bytes.count))
        let scene = UploadedScene(object: object, metadata: metadata)
        versions.append(Version(scene: scene, bytes: bytes))
        return object
    }

    package func remove(_ scene: SceneObject) {
        versions.removeAll { $0.scene.object == scene }
    }

    package func find(
        bucket: String, key: String, version: String?
    ) async throws(PortError) -> UploadedScene? {
        try await faults.enter(.findScene)
        return versions.last {
            $0.scene.object.bucket == bucket && $0.scene.object.key == key
                && (version == nil || $0.scene.object.version == version)
        }?.scene
    }

    package func read(
        _ range: Range<Int64>, of scene: SceneObject
    ) async throws(PortError) -> [UInt8] {
        try await faults.enter(.readScene)
        let bytes = try content(of: scene)
        let range = range.clamped(to: 0..<Int64(bytes.count))
        return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }

    package func download(_ scene: SceneObject, to path: String) async throws(PortError) {
        try await faults.enter(.downloadScene)
        let bytes = try content(of: scene)
        do {
            try Data(bytes).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw PortError(.disk, "download scene \(scene.key)", "\(error)")
        }
    }

    private func content(of scene: SceneObject) throws(PortError) -> [UInt8] {
        guard let version = versions.last(where: { $0.scene.object == scene }) else {
            throw PortError(
                .missing, "read scene \(scene.key)", "it was replaced or removed; upload it again")
        }
        return version.bytes
    }
}

/// Stored frames and logs in memory, by key.
package actor InMemoryFrameStore: FrameStore, FrameReader {
    /// By key, with files beside the frames.
    package private(set) var frames: [String: [UInt8]] = [:]
    package private(set) var logs: [String: [UInt8]] = [:]
    /// How often each key was stored. A frame that was rendered twice shows here.
    package private(set) var storeCounts: [String: Int] = [:]
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    /// Stores a frame as an earlier attempt would have.
    package func insert(_ bytes: [UInt8], as frame: FrameName) {
        insert(bytes, at: frame.key)
    }

    package func insert(_ bytes: [UInt8], at key: String) {
        frames[key] = bytes
    }

    package func remove(_ key: String) {
        frames[key] = nil
    }

    package func contains(_ frame: FrameName) async throws(PortError) -> Bool {
        try await faults.enter(.findFrame)
        return frames[frame.key] != nil
    }

    package func store(_ frame: FrameName, from path: String) async throws(PortError) {
        try await faults.enter(.storeFrame)
        try put(path, as: frame.key)
    }

    package func store(_ file: JobFile, from path: String) async throws(PortError) {
        try await faults.enter(.storeFile)
        try put(path, as: file.key)
    }

    private func put(_ path: String, as key: String) throws(PortError) {
        do {
            frames[key] = [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw PortError(.disk, "store \(key)", "\(path) can't be read: \(error)")
        }
        storeCounts[key, default: 0] += 1
    }

    package func frames(
        of job: JobID, format: ImageFormat
    ) async throws(PortError) -> [FrameName] {
        try await faults.enter(.listFrames)
        let prefix = FrameName.prefix(of: job)
        return frames.keys.filter { $0.hasPrefix(prefix) }.compactMap {
            FrameName(job: job, fileName: String($0.dropFirst(prefix.count)), format: format)
        }
    }

    package func picture(_ frame: FrameName) async throws(PortError) -> [UInt8]? {
        try await faults.enter(.readFrame)
        return frames[frame.key]
    }

    package func contents(of file: JobFile) async throws(PortError) -> [UInt8]? {
        try await faults.enter(.readFrame)
        return frames[file.key]
    }

    package func download(_ frame: FrameName, to path: String) async throws(PortError) {
        try await faults.enter(.readFrame)
        guard let bytes = frames[frame.key] else {
            throw PortError(.missing, "fetch \(frame.fileName)", "it is not there")
        }
        do {
            try Data(bytes).write(to: URL(filePath: path))
        } catch {
            throw PortError(.disk, "fetch \(frame.fileName)", "\(path) can't be written: \(error)")
        }
    }

    package func storeLog(
        _ text: [UInt8], of task: TaskID, token: FencingToken
    ) async throws(PortError) -> String {
        try await faults.enter(.storeLog)
        let key = task.logKey(token)
        logs[key] = text
        return key
    }
}
