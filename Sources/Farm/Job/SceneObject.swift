/// The uploaded object that a job renders.
package struct SceneObject: Hashable, Sendable {
    package let bucket: String
    /// Decoded: as S3 knows it, not as the event wrote it.
    package let key: String
    /// `nil` in a bucket without versions; then the entity tag tells one upload from the next.
    package let version: String?
    package let entityTag: String
    package let byteCount: Int64

    package init(
        bucket: String, key: String, version: String?, entityTag: String, byteCount: Int64
    ) {
        self.bucket = bucket
        self.key = key
        self.version = version
        self.entityTag = entityTag
        self.byteCount = byteCount
    }

    package var fileName: String {
        RelativePath.names(in: key).last { !$0.isEmpty } ?? key
    }

    /// What the job's id is a digest of: the same upload, however often announced, is one job.
    package var identity: String { "\(bucket)\n\(key)\n\(version ?? entityTag)" }
}
