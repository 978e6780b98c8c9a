import Operations
import AWS
import Farm
import FarmOnAWS
import Foundation
import Inspection

extension Connection {
    /// Uploads a scene, or of a folder what the scene in it refers to; what is large goes on where an
    /// earlier call broke off.
    ///
    /// - Parameters:
    ///   - prefix: Before the upload's name, and so the job's.
    ///   - isShown: To tell how far it is.
    /// - Returns: The job that the splitter will make of it, and of a folder what was sent.
    func upload(
        _ scene: LocalScene, _ inspection: SceneInspection, named prefix: String = "",
        _ metadata: [String: String], isShown: Bool
    ) async throws -> (job: JobID, sent: ProjectUpload.Sent?) {
        guard let project = try scene.project(inspection) else {
            return (try await upload(scene.path, named: prefix, metadata, isShown), nil)
        }
        let upload = ProjectUpload(connection: self, isShown: isShown)
        return try await upload.send(project, named: prefix + project.name, metadata)
    }

    private func upload(
        _ path: String, named prefix: String, _ metadata: [String: String], _ isShown: Bool
    ) async throws -> JobID {
        let name = URL(filePath: path).lastPathComponent
        let target = S3.Object(bucket: settings.inputBucket, key: prefix + name)
        let total = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? 0
        let progress = ByteProgress("of \(name)", total: total, isShown: isShown)
        let label = S3.Label(metadata: metadata)
        let stored = try await inputs.resumeUpload(
            S3.FileUpload(path, to: target, label: label),
            kept: BrokenUpload(of: path, to: target, label).kept, sent: { progress.add($0) })
        return JobID(
            of: SceneObject(
                bucket: target.bucket, key: target.key, version: stored.version,
                entityTag: stored.etag, byteCount: total))
    }
}
