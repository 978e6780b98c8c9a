/// The uploaded object that a job renders.
package struct SceneObject: Hashable, Sendable {
    package let bucket: String
    /// Decoded: as S3 stores it, not as the event encodes it.
    package let key: String
    /// `nil` in a bucket without versions. Then the entity tag distinguishes uploads.
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

    /// The input of the job id's digest. The same upload is one job, however often it is announced.
    package var identity: String { "\(bucket)\n\(key)\n\(version ?? entityTag)" }
}
