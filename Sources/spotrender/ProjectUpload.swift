import Operations
import AWS
import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Inspection
import Presentation

/// Sends a project by content: each file under its hash, where the bucket does not have it yet, and
/// last the listing, which makes it a job.
///
///     hash ─▶ ask ─▶ send what is new ─▶ list
struct ProjectUpload {
    typealias Sent = SubmissionDocument.Upload

    /// A content, with a file that has it.
    private struct Parcel: Sendable {
        let file: S3.HashedFile
        let stored: StoredFile
        /// Whether the bucket has something else in its place: it is replaced.
        let isInPlace: Bool
    }

    /// The transport's requests; sends take turns of four parts each.
    private static let asksMax = 16
    private static let sendsMax = 4

    let connection: Connection
    /// Whether to tell how far it is.
    let isShown: Bool

    /// - Parameter name: The listing's, and so the job's.
    func send(
        _ project: LocalProject, named name: String, _ metadata: [String: String]
    ) async throws -> (job: JobID, sent: Sent) {
        let hashed = try await hash(project)
        let listing = try StoredProject(
            scene: project.scene, files: hashed.map { ($0.path, stored($0.file)) })
        // What the farm would refuse is refused here, by the same rule.
        _ = try StoredProject(json: listing.json)
        let files = Dictionary(hashed.map { ($0.file.sha256, $0.file) }) { first, _ in first }
        let contents = listing.contents.map { $0.file }
        let asked = try await inParallel(contents, concurrencyMax: Self.asksMax) { content in
            try await parcel(content, files)
        }
        let parcels = asked.compactMap(\.self)
        try await send(parcels)
        let sent = Sent(
            files: contents.count, bytes: contents.reduce(0) { $0 + $1.byteCount },
            newFiles: parcels.count, newBytes: parcels.reduce(0) { $0 + $1.stored.byteCount })
        return (try await put(listing, named: name, metadata), sent)
    }

    private func put(
        _ listing: StoredProject, named name: String, _ metadata: [String: String]
    ) async throws -> JobID {
        var metadata = metadata
        // The listing says it, in letters that metadata may not have.
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

    /// `nil` for what the bucket has.
    private func parcel(
        _ stored: StoredFile, _ files: [String: S3.HashedFile]
    ) async throws -> Parcel? {
        guard let file = files[stored.sha256] else {
            preconditionFailure("The listing is of files that were read.")
        }
        do throws(AWSError) {
            let head = try await connection.inputs.headObject(target(stored))
            return head.size == stored.byteCount
                ? nil : Parcel(file: file, stored: stored, isInPlace: true)
        } catch {
            guard error.isNotFound else { throw error }
            return Parcel(file: file, stored: stored, isInPlace: false)
        }
    }

    private func send(_ parcels: [Parcel]) async throws {
        let progress = ByteProgress(
            "sent", total: parcels.reduce(0) { $0 + $1.stored.byteCount }, isShown: isShown)
        _ = try await inParallel(parcels, concurrencyMax: Self.sendsMax) { parcel in
            let target = target(parcel.stored)
            try await connection.inputs.upload(
                S3.HashedUpload(parcel.file, to: target, isNewOnly: !parcel.isInPlace),
                kept: BrokenUpload(of: parcel.file.path, to: target, S3.Label()).kept,
                sent: { progress.add($0) })
        }
    }

    private func target(_ file: StoredFile) -> S3.Object {
        S3.Object(bucket: connection.settings.inputBucket, key: file.key)
    }
}
