package import AWS
package import Farm
internal import FoundationEssentials

/// Uploaded scenes in S3.
///
/// Reads name the ETag, so that a new upload is never mixed with the old one. After a new upload,
/// the old scene is read by its version. In a bucket without versions, it is missing.
package struct S3SceneStore: SceneStore {
    private let s3: S3

    package init(_ s3: S3) {
        self.s3 = s3
    }

    package func find(
        bucket: String, key: String, version: String?
    ) async throws(PortError) -> UploadedScene? {
        let head: S3.Head
        do throws(AWSError) {
            head = try await s3.headObject(S3.Object(bucket: bucket, key: key, version: version))
        } catch {
            if error.status == 404 { return nil }
            throw PortError(error, "find scene \(key)")
        }
        let object = SceneObject(
            bucket: bucket, key: key, version: head.version ?? version, entityTag: head.etag,
            byteCount: head.size)
        return UploadedScene(object: object, metadata: head.metadata)
    }

    package func read(
        _ range: Range<Int64>, of scene: SceneObject
    ) async throws(PortError) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        let countMax = range.count
        do throws(AWSError) {
            return try await newestOrVersion(of: scene) { object throws(AWSError) in
                try await s3.getObject(
                    object, range: range, ifMatch: scene.entityTag, bytesMax: countMax
                ).bytes
            }
        } catch {
            // The range begins after the object's end.
            if error.status == 416 { return [] }
            throw PortError(error, "read scene \(scene.key)")
        }
    }

    package func download(_ scene: SceneObject, to path: String) async throws(PortError) {
        let operation = "download scene \(scene.key)"
        let part = path + ".part"
        do throws(PortError) {
            let head = try await fetch(scene, to: part, operation)
            guard head.size == scene.byteCount else {
                throw PortError(
                    .missing, operation,
                    "it has \(head.size) bytes, not \(scene.byteCount); upload it again")
            }
            try move(part, to: path, operation)
        } catch {
            remove(part)
            throw error
        }
    }

    private func fetch(
        _ scene: SceneObject, to part: String, _ operation: String
    ) async throws(PortError) -> S3.Head {
        do throws(AWSError) {
            return try await newestOrVersion(of: scene) { object throws(AWSError) in
                try await s3.getObject(
                    object, ifMatch: scene.entityTag,
                    to: S3.Download(part, lengthMax: scene.byteCount))
            }
        } catch {
            throw PortError(error, operation)
        }
    }

    /// Reads the newest object first. Usually it is the right one, and reading it needs no
    /// permission for old versions.
    private func newestOrVersion<Answer>(
        of scene: SceneObject, _ get: (S3.Object) async throws(AWSError) -> Answer
    ) async throws(AWSError) -> Answer {
        do throws(AWSError) {
            return try await get(S3.Object(bucket: scene.bucket, key: scene.key))
        } catch {
            let isReplaced = error.isPreconditionFailure || error.isNotFound
            guard isReplaced, let version = scene.version else { throw error }
            return try await get(
                S3.Object(bucket: scene.bucket, key: scene.key, version: version))
        }
    }

    /// Renames the file, so that a file at `path` is always complete.
    private func move(_ part: String, to path: String, _ operation: String) throws(PortError) {
        do {
            try FileManager.default.moveItem(atPath: part, toPath: path)
        } catch {
            throw PortError(.disk, operation, "\(path) could not be written: \(error)")
        }
    }

    private func remove(_ part: String) {
        do {
            try FileManager.default.removeItem(atPath: part)
        } catch {
            // Usually the file was never created. Otherwise the cache removes it at its next
            // cleaning.
        }
    }
}
