package import BlendFile
package import Farm

/// Gives the .blend reader an uploaded scene by ranges.
package struct SceneBytes: ByteSource {
    private let scene: SceneObject
    private let store: any SceneStore

    package init(scene: SceneObject, store: any SceneStore) {
        self.scene = scene
        self.store = store
    }

    package var byteCount: Int64 { scene.byteCount }

    package func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        do {
            return try await store.read(range, of: scene)
        } catch {
            throw ByteSourceError(error.description, isRetryable: error.isRetryable)
        }
    }
}
