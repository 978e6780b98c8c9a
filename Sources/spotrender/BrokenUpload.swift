import AWS
import Digest
import Foundation

/// What is kept of an upload until it is whole, so that the same `submit` goes on where it broke off:
/// a small file in the user's cache, named after all that must be the same.
struct BrokenUpload: Sendable {
    private let path: String

    /// - Parameter label: Goes with the upload from its start on: another label is another upload.
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

    /// A name that can't be kept only means that the next upload begins anew.
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
                    sayAside("An upload that breaks off will begin anew: \(error)")
                }
            })
    }
}
