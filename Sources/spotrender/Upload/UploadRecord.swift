import AWS
import Digest
import Foundation

/// Remembers an unfinished upload, so that the same `submit` continues it.
///
/// The record is a small file in the user's cache. Its name is a hash of everything that must be
/// unchanged.
struct UploadRecord: Sendable {
    private let path: String

    /// - Parameter label: Part of the upload from its start. Another label means another upload.
    init(of file: String, to target: S3.Object, _ label: S3.Label) throws {
        let facts = try FileManager.default.attributesOfItem(atPath: file)
        let size = facts[.size] as? Int64 ?? 0
        let changed = (facts[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let metadata = label.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let identity = [target.bucket, target.key, file, "\(size)", "\(changed)"] + metadata
        let environment = ProcessInfo.processInfo.environment
        let cache =
            environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/tmp") + "/.cache"
        let name = hex(SHA256.hash(Array(identity.joined(separator: "\n").utf8)))
        path = "\(cache)/spotrender/uploads/\(name)"
    }

    /// Reads and writes the record. Without a record, the next upload starts from the beginning.
    var kept: S3.KeptUpload {
        S3.KeptUpload(
            read: { [path] in
                FileManager.default.contents(atPath: path).map {
                    String(decoding: $0, as: UTF8.self)
                }
            },
            write: { [path] name in
                let manager = FileManager.default
                let folder = URL(filePath: path).deletingLastPathComponent()
                do {
                    guard let name else { return try manager.removeItem(atPath: path) }
                    try manager.createDirectory(at: folder, withIntermediateDirectories: true)
                    try Data(name.utf8).write(to: URL(filePath: path), options: .atomic)
                } catch {
                    note("If this upload is cut off, it will start from the beginning: \(error)")
                }
            })
    }
}
