import AWS
import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Inspection
import Operations
import Presentation

/// Uploads a project's new files under their SHA-256, then the list of files, which becomes a job.
///
///     hash ─▶ ask ─▶ upload new files ─▶ upload the list
struct ProjectUpload {
    typealias Sent = SubmissionDocument.Upload

    /// A file's content that the bucket lacks.
    private struct NewFile: Sendable {
        let file: S3.HashedFile
        let stored: StoredFile
        /// The bucket has a file of another size under this name. The upload replaces it.
        let isReplacement: Bool
    }

    /// As many as the transport's requests. An upload makes up to four requests at once.
    private static let checksMax = 16
    private static let uploadsMax = 4

    let connection: Connection
    /// Shows a progress bar.
    let isShown: Bool

    /// - Parameter name: The name of the list of files, and so of the job.
    func send(
        _ project: LocalProject, named name: String, _ metadata: [String: String]
    ) async throws -> (job: JobID, sent: Sent) {
        let hashed = try await hash(project)
        let listing = try StoredProject(
            scene: project.scene, files: hashed.map { ($0.path, stored($0.file)) })
        // Applies the farm's own rule before the upload.
        _ = try StoredProject(json: listing.json)
        let files = Dictionary(hashed.map { ($0.file.sha256, $0.file) }) { first, _ in first }
        let contents = listing.contents.map { $0.file }
        let checked = try await inParallel(contents, concurrencyMax: Self.checksMax) { content in
            try await newFile(content, files)
        }
        let newFiles = checked.compactMap(\.self)
        try await send(newFiles)
        let sent = Sent(
            files: contents.count, bytes: contents.reduce(0) { $0 + $1.byteCount },
            newFiles: newFiles.count, newBytes: newFiles.reduce(0) { $0 + $1.stored.byteCount })
        return (try await put(listing, named: name, metadata), sent)
    }

    private func put(
        _ listing: StoredProject, named name: String, _ metadata: [String: String]
    ) async throws -> JobID {
        var metadata = metadata
        // The list of files has the name, because metadata cannot have all characters.
        metadata["file"] = nil
        let json = listing.json
        let target = S3.Object(
            bucket: connection.settings.inputBucket, key: name + UploadKind.listingEnding)
        let put = try await connection.inputs.putObject(
            target, .bytes(json),
            label: S3.Label(contentType: "application/json", metadata: metadata))
        return JobID(
            of: SceneObject(
                bucket: target.bucket, key: target.key, version: put.version,
                entityTag: put.etag, byteCount: Int64(json.count)))
    }

    private func hash(
        _ project: LocalProject
    ) async throws -> [(path: String, file: S3.HashedFile)] {
        let progress = ByteProgress("read", total: try project.byteCount, isShown: isShown)
        let inputs = connection.inputs
        return try await inParallel(
            project.files, concurrencyMax: ProcessInfo.processInfo.activeProcessorCount
        ) { entry in
            let file = try await inputs.hash(file: entry.place)
            progress.add(file.byteCount)
            return (entry.path, file)
        }
    }

    private func stored(_ file: S3.HashedFile) -> StoredFile {
        guard let stored = StoredFile(sha256: file.sha256, byteCount: file.byteCount) else {
            preconditionFailure("A file that was read has a hash and a size.")
        }
        return stored
    }

    /// `nil` if the bucket has the file.
    private func newFile(
        _ stored: StoredFile, _ files: [String: S3.HashedFile]
    ) async throws -> NewFile? {
        guard let file = files[stored.sha256] else {
            preconditionFailure("The list contains only files that were read.")
        }
        do throws(AWSError) {
            let head = try await connection.inputs.headObject(target(stored))
            return head.size == stored.byteCount
                ? nil : NewFile(file: file, stored: stored, isReplacement: true)
        } catch {
            guard error.isNotFound else { throw error }
            return NewFile(file: file, stored: stored, isReplacement: false)
        }
    }

    private func send(_ files: [NewFile]) async throws {
        let progress = ByteProgress(
            "uploaded", total: files.reduce(0) { $0 + $1.stored.byteCount }, isShown: isShown)
        _ = try await inParallel(files, concurrencyMax: Self.uploadsMax) { file in
            let target = target(file.stored)
            try await connection.inputs.uploadHashed(
                S3.HashedUpload(file.file, to: target, isNewOnly: !file.isReplacement),
                kept: UploadRecord(of: file.file.path, to: target, S3.Label()).kept,
                sent: { progress.add($0) })
        }
    }

    private func target(_ file: StoredFile) -> S3.Object {
        S3.Object(bucket: connection.settings.inputBucket, key: file.key)
    }
}
