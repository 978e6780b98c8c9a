package import AWS
package import Farm
internal import FoundationEssentials

/// Uploaded scenes in S3.
///
/// Reads name the version, or the entity tag where the bucket has no versions, so that a scene
/// that is uploaded anew meanwhile is never mixed with the old one.
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
        do throws(AWSError) {
            return try await s3.getObject(
                S3.Object(scene), range: range, ifMatch: scene.entityTag,
                bytesMax: range.count
            ).bytes
        } catch {
            // The range begins past the end.
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
                    "it has \(head.size) bytes and had \(scene.byteCount); upload it again")
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
            return try await s3.getObject(
                S3.Object(scene), ifMatch: scene.entityTag, toFile: part,
                lengthMax: scene.byteCount)
        } catch {
            throw PortError(error, operation)
        }
    }

    /// A rename: whoever sees the file at `path` sees all of it.
    private func move(_ part: String, to path: String, _ operation: String) throws(PortError) {
        do {
            try FileManager.default.moveItem(atPath: part, toPath: path)
        } catch {
            throw PortError(.disk, operation, "\(path) can't be written: \(error)")
        }
    }

    private func remove(_ part: String) {
        do {
            try FileManager.default.removeItem(atPath: part)
        } catch {
            // Most likely it never came to be; if not, the cache's next cleaning finds it.
        }
    }
}

extension S3.Object {
    fileprivate init(_ scene: SceneObject) {
        self.init(bucket: scene.bucket, key: scene.key, version: scene.version)
    }
}
