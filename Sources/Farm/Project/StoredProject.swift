internal import FoundationEssentials

/// A project as a list of its files: the content of `name.project` in the input bucket. It replaces
/// an archive. The files are in the same bucket under `StoredFile.key`.
///
///     {"version":1,"scene":"film/scene.blend",
///      "files":[{"path":"film/scene.blend","sha256":"9f86…","size":812345},…]}
///
/// Anyone with upload rights can write it. So `ProjectListing` checks paths and sizes, and every
/// reader checks a stored file against its hash.
package struct StoredProject: Hashable, Sendable {
    /// The .blend that the uploader chose.
    package let scene: String
    /// Files by their path below the project's folder.
    package let files: [String: StoredFile]
    package let listing: ProjectListing

    /// Checked by the rules of `ProjectListing`.
    package init(
        scene: String, files: [(path: String, file: StoredFile)],
        limits: ProjectLimits = ProjectLimits()
    ) throws(ProjectRefusal) {
        var listing = ProjectListing(limits: limits)
        var kept: [String: StoredFile] = [:]
        var sizes: [String: Int64] = [:]
        for (path, file) in files {
            let entry = ProjectEntry(path: path, kind: .file, byteCount: file.byteCount)
            guard case .file(let place) = try listing.add(entry) else { continue }
            guard
                sizes.updateValue(file.byteCount, forKey: file.sha256) ?? file.byteCount
                    == file.byteCount
            else { throw .listing("“\(place)” has another size than a file of the same hash") }
            kept[place] = file
        }
        guard listing.scenes.contains(scene) else {
            throw .unknownScene(scene, known: listing.scenes)
        }
        self.scene = scene
        self.files = kept
        self.listing = listing
    }

    /// Each distinct file once, with the first of its paths.
    package var contents: [(file: StoredFile, path: String)] {
        Dictionary(files.map { ($0.value, $0.key) }, uniquingKeysWith: min)
            .map { ($0.key, $0.value) }.sorted { $0.path < $1.path }
    }
}

/// A file's content, identified by its hash.
package struct StoredFile: Hashable, Sendable {
    /// 64 lower-case hexadecimal digits.
    package let sha256: String
    package let byteCount: Int64

    /// `nil` for an invalid hash or size.
    package init?(sha256: String, byteCount: Int64) {
        let digits = Set("0123456789abcdef".utf8)
        guard sha256.utf8.count == 64, sha256.utf8.allSatisfy(digits.contains), byteCount >= 0
        else { return nil }
        self.sha256 = sha256
        self.byteCount = byteCount
    }

    /// The key in the input bucket. It has no ending of `UploadKind`, so it starts no job.
    package var key: String { "files/\(sha256)" }
}

// MARK: - As JSON

extension StoredProject {
    /// The version of the format: the only one that is written and read.
    private static let version = 1

    private struct Version: Decodable {
        let version: Int
    }

    private struct Document: Codable {
        struct File: Codable {
            let path: String
            let sha256: String
            let size: Int64
        }
        let version: Int
        let scene: String
        let files: [File]
    }

    /// Reads an untrusted object.
    package init(
        json: [UInt8], limits: ProjectLimits = ProjectLimits()
    ) throws(ProjectRefusal) {
        guard json.count <= limits.listingBytesMax else {
            throw .listing("it has more than \(limits.listingBytesMax) bytes")
        }
        let document = try Self.document(Data(json))
        var files: [(path: String, file: StoredFile)] = []
        for file in document.files {
            guard let stored = StoredFile(sha256: file.sha256, byteCount: file.size) else {
                throw .listing("“\(file.path)” has no SHA-256 in 64 digits, or no size")
            }
            files.append((file.path, stored))
        }
        try self.init(scene: document.scene, files: files, limits: limits)
    }

    private static func document(_ json: Data) throws(ProjectRefusal) -> Document {
        do {
            // The version comes first: everything else may differ in a later format.
            let found = try JSONDecoder().decode(Version.self, from: json).version
            guard found == version else {
                throw ProjectRefusal.listing("its version is \(found), not \(version)")
            }
            return try JSONDecoder().decode(Document.self, from: json)
        } catch let refusal as ProjectRefusal {
            throw refusal
        } catch {
            throw .listing("it is no JSON of that form")
        }
    }

    /// Equal projects give equal bytes.
    package var json: [UInt8] {
        let files = files.sorted { $0.key < $1.key }.map {
            Document.File(path: $0.key, sha256: $0.value.sha256, size: $0.value.byteCount)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(
                try encoder.encode(Document(version: Self.version, scene: scene, files: files)))
        } catch {
            preconditionFailure("Strings and whole numbers can always be encoded: \(error)")
        }
    }
}
