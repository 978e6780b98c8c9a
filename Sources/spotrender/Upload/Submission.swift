import AWS
import Farm
import FarmOnAWS
import Foundation
import Inspection
import Operations
import Presentation

/// A scene that passed the farm's checks and is ready to upload.
struct Submission {
    let scene: LocalScene
    let inspection: SceneInspection
    /// What the farm will render.
    let settings: RenderSettings
    private(set) var metadata: [String: String]

    /// An uploaded scene.
    struct Receipt {
        /// The job that the splitter will make.
        let job: JobID
        /// `nil` for a single file.
        let upload: SubmissionDocument.Upload?
    }

    /// Inspects the scene and applies the farm's rules before anything is uploaded.
    ///
    /// - Parameter isWithFiles: Inspects a single .blend file with the files around it, which an
    ///   upload would lack.
    init(_ scene: LocalScene, _ options: RenderOptions, isWithFiles: Bool = false) async throws {
        self.scene = scene
        inspection =
            isWithFiles
            ? try await scene.inspect(file: options.file)
            : try await scene.inspectUpload(file: options.file)
        settings = try options.check(inspection)
        metadata = options.metadata
    }

    /// The same scene with other metadata than its options give.
    func with(_ metadata: [String: String]) -> Submission {
        var copy = self
        copy.metadata = metadata
        return copy
    }

    /// Uploads the scene, or the files of its folder that the scene refers to. Continues an upload
    /// of a large file that was cut off.
    ///
    /// - Parameters:
    ///   - prefix: The beginning of the upload's name, and so of the job's name.
    ///   - isShown: Shows a progress bar.
    func send(
        to connection: Connection, namePrefix prefix: String = "", isShown: Bool
    ) async throws -> Receipt {
        guard let project = try scene.project(inspection) else {
            let job = try await sendFile(to: connection, namePrefix: prefix, isShown: isShown)
            return Receipt(job: job, upload: nil)
        }
        let upload = ProjectUpload(connection: connection, isShown: isShown)
        let (job, sent) = try await upload.send(project, named: prefix + project.name, metadata)
        return Receipt(job: job, upload: sent)
    }

    private func sendFile(
        to connection: Connection, namePrefix prefix: String, isShown: Bool
    ) async throws -> JobID {
        let path = scene.path
        let name = URL(filePath: path).lastPathComponent
        let target = S3.Object(bucket: connection.settings.inputBucket, key: prefix + name)
        let total = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? 0
        let progress = ByteProgress("of \(name)", total: total, isShown: isShown)
        let label = S3.Label(metadata: metadata)
        let stored = try await connection.inputs.resumeUpload(
            S3.FileUpload(path, to: target, label: label),
            kept: UploadRecord(of: path, to: target, label).kept, sent: { progress.add($0) })
        return JobID(
            of: SceneObject(
                bucket: target.bucket, key: target.key, version: stored.version,
                entityTag: stored.etag, byteCount: total))
    }
}
