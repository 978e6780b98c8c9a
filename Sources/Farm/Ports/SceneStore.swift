/// Where uploaded scenes are read from.
package protocol SceneStore: Sendable {
    /// What the object is now, or `nil` when there is none. `version` as the event named it.
    func find(
        bucket: String, key: String, version: String?
    ) async throws(PortError) -> UploadedScene?
    /// The bytes of `range`; the object must still be the one it was (`.missing` if not).
    func read(_ range: Range<Int64>, of scene: SceneObject) async throws(PortError) -> [UInt8]
    /// The whole object into a new file at `path`. Nothing stays at `path` after an error.
    func download(_ scene: SceneObject, to path: String) async throws(PortError)
}

package struct UploadedScene: Hashable, Sendable {
    package let object: SceneObject
    /// The uploader's own metadata: names in lower case, without S3's prefix.
    package let metadata: [String: String]

    package init(object: SceneObject, metadata: [String: String]) {
        self.object = object
        self.metadata = metadata
    }
}
