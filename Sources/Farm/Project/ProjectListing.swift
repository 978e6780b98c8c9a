/// One entry as the archive describes it.
package struct ProjectEntry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case folder
        case link
        case special
    }

    /// The stored name; `nil` when it can't be read.
    package var path: String?
    package var kind: Kind
    /// Unpacked size; `nil` when the archive does not contain it.
    package var byteCount: Int64?
    package var isEncrypted: Bool

    package init(
        path: String?, kind: Kind, byteCount: Int64? = nil, isEncrypted: Bool = false
    ) {
        self.path = path
        self.kind = kind
        self.byteCount = byteCount
        self.isEncrypted = isEncrypted
    }
}

/// A project's files, read entry by entry from an untrusted archive or list. Pure.
///
/// The splitter and the worker use the same rules: a path is relative to the project's folder and
/// stays below it, names are unique, links and devices are refused, sizes have bounds.
package struct ProjectListing: Hashable, Sendable {
    private let limits: ProjectLimits
    /// Total unpacked size.
    private let bytesMax: Int64
    private var entryCount = 0
    private var bytesSaid: Int64 = 0
    private var bytesSeen: Int64 = 0
    package private(set) var files: Set<String> = []
    private var folders: [String: Set<String>] = ["": []]

    /// - Parameter archiveByteCount: The allowed unpacked size depends on it.
    package init(archiveByteCount: Int64, limits: ProjectLimits = ProjectLimits()) {
        self.limits = limits
        let (scaled, isHuge) = archiveByteCount.multipliedReportingOverflow(by: limits.ratioMax)
        bytesMax = min(limits.bytesMax, max(limits.bytesFree, isHuge ? .max : scaled))
    }

    /// For files that are stored without packing.
    package init(limits: ProjectLimits = ProjectLimits()) {
        self.limits = limits
        bytesMax = limits.bytesMax
    }

    /// An entry's place below the project's folder.
    package enum Place: Hashable, Sendable {
        case file(String)
        case folder(String)
    }

    /// Adds the next entry; `nil` for an entry that no scene needs.
    package mutating func add(_ entry: ProjectEntry) throws(ProjectRefusal) -> Place? {
        entryCount += 1
        guard entryCount <= limits.entriesMax else {
            throw .tooManyEntries(max: limits.entriesMax)
        }
        guard let stored = entry.path else { throw .unreadableName(number: entryCount) }
        let names = try names(of: stored)
        guard !names.isEmpty else { return nil }
        let path = names.joined(separator: "/")
        switch entry.kind {
        case .link: throw .link(path)
        case .special: throw .special(path)
        case .folder:
            try addFolder(names)
            return .folder(path)
        case .file:
            guard !Self.isClutter(names) else { return nil }
            guard !entry.isEncrypted else { throw .encrypted(path) }
            let (said, isHuge) = bytesSaid.addingReportingOverflow(max(0, entry.byteCount ?? 0))
            guard !isHuge, said <= bytesMax else { throw .tooLarge(path, max: bytesMax) }
            bytesSaid = said
            try addFolder(names.dropLast())
            guard folders[path] == nil, files.insert(path).inserted else { throw .twice(path) }
            folders[names.dropLast().joined(separator: "/")]?.insert(names[names.count - 1])
            return .file(path)
        }
    }

    /// Counts the bytes that an entry really contains: its stated size may be wrong.
    package mutating func count(_ bytes: Int, of path: String) throws(ProjectRefusal) {
        bytesSeen += Int64(bytes)
        guard bytesSeen <= bytesMax else { throw .tooLarge(path, max: bytesMax) }
    }

    /// The .blend to render: the named one, else the only one.
    ///
    /// - Parameter name: Its path, or the end of its path when that is unique.
    package func scene(named name: String?) throws(ProjectRefusal) -> String {
        try Self.scene(named: name, among: scenes)
    }

    package static func scene(
        named name: String?, among scenes: [String]
    ) throws(ProjectRefusal) -> String {
        guard let name else {
            guard let first = scenes.first else { throw .noScene }
            guard scenes.count == 1 else { throw .manyScenes(scenes) }
            return first
        }
        if scenes.contains(name) { return name }
        let end = Array(("/" + name).utf8)
        let matches = scenes.filter { $0.utf8.suffix(end.count).elementsEqual(end) }
        guard matches.count <= 1 else { throw .manyScenes(matches) }
        guard let match = matches.first else { throw .unknownScene(name, known: scenes) }
        return match
    }

    /// Whether a file or folder has exactly this name. Swift treats differently composed accents as
    /// equal, and a disk does not.
    package func contains(_ path: String) -> Bool {
        if let index = files.firstIndex(of: path) {
            return files[index].utf8.elementsEqual(path.utf8)
        }
        return folders.index(forKey: path).map { folders[$0].key.utf8.elementsEqual(path.utf8) }
            ?? false
    }

    /// The .blends, sorted.
    package var scenes: [String] { files.filter(Self.isScene).sorted() }

    package static func isScene(_ path: String) -> Bool { path.lowercased().hasSuffix(".blend") }

    /// Files and folders in a folder, by name; `nil` when the folder does not exist.
    package func names(in folder: String) -> Set<String>? { folders[folder] }

    // MARK: Paths

    private func names(of stored: String) throws(ProjectRefusal) -> [String] {
        // Old packers on Windows write backslashes between names.
        let path = String(decoding: stored.utf8.map { $0 == backslash ? slash : $0 }, as: UTF8.self)
        let isDrive = path.dropFirst().first == ":" && path.first?.isLetter == true
        guard path.utf8.first != slash, !isDrive else { throw .escapes(stored) }
        // Packers write `./a` and `a//b` for `a` and `a/b`, and `a/` for a folder.
        let names = RelativePath.names(in: path).filter { !$0.isEmpty && $0 != "." }
        guard !names.isEmpty else { return [] }
        do {
            return try RelativePath(
                names.joined(separator: "/"), bytesMax: limits.pathBytesMax,
                nameBytesMax: limits.nameBytesMax
            ).names
        } catch {
            switch error {
            case .empty, .escapes: throw .escapes(stored)
            case .controlByte: throw .unreadableName(number: entryCount)
            case .tooLong: throw .pathTooLong(stored)
            }
        }
    }

    private mutating func addFolder(_ names: some Collection<String>) throws(ProjectRefusal) {
        var path = ""
        for name in names {
            let parent = path
            path += (path.isEmpty ? "" : "/") + name
            guard !files.contains(path) else { throw .twice(path) }
            if folders[path] == nil {
                folders[path] = []
                folders[parent]?.insert(name)
            }
        }
    }

    /// Files that macOS adds to archives: resource forks under the files' names.
    private static func isClutter(_ names: [String]) -> Bool {
        names.first == "__MACOSX" || names.last == ".DS_Store"
            || names.last?.hasPrefix("._") == true
    }
}

private let slash = UInt8(ascii: "/")
private let backslash = UInt8(ascii: "\\")
