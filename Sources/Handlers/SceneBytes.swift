internal import BlendFile
internal import Farm

/// An uploaded scene as the .blend reader wants it: by ranges.
struct SceneBytes: ByteSource {
    let scene: SceneObject
    let store: any SceneStore

    var byteCount: Int64 { scene.byteCount }

    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        do {
            return try await store.read(range, of: scene)
        } catch {
            throw ByteSourceError(error.description, isRetryable: error.isRetryable)
        }
    }
}
