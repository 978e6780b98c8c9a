package import BlendFile
package import Farm

/// A place to look for a scene's files: an archive's listing, or a folder on this machine.
///
/// Paths are relative to its root, with `/` between names. In the tree of the whole machine paths
/// are absolute.
package protocol FileTree: Sendable {
    /// Whether absolute paths mean this tree, as on the scene's own machine.
    var isWholeMachine: Bool { get }
    /// Whether there is a file or folder of this name.
    func contains(_ path: String) -> Bool
    /// Names of files and folders in a folder; `nil` when there is no such folder.
    func names(in folder: String) -> Set<String>?
}

extension ProjectListing: FileTree {
    package var isWholeMachine: Bool { false }
}

extension FileTree {
    /// The files or folders that a reference in the .blend at `blend` stands for, found as Blender
    /// finds them. Empty when there are none.
    package func paths(of reference: FileReference, in blend: String) -> [String] {
        guard let path = resolved(reference, in: blend) else { return [] }
        let folder = RelativePath.folder(of: path)
        let name = RelativePath.names(in: path).last ?? path
        let pattern: NumberedName?
        switch reference.kind {
        case .imageTiles: pattern = NumberedName(tiles: name)
        case .imageSequence, .volumeSequence: pattern = NumberedName(sequence: name)
        case .image, .movie, .library, .font, .sound, .sceneCache, .volume, .fluidCache,
            .pointCache, .meshCache, .oceanCache, .nodesBake, .script, .lightProfile:
            pattern = nil
        }
        guard let pattern else { return contains(path) ? [path] : [] }
        return (names(in: folder) ?? []).filter(pattern.matches).sorted()
            .map { folder.isEmpty ? $0 : folder + "/" + $0 }
    }

    /// `nil` for a path that leads out of the tree.
    private func resolved(_ reference: FileReference, in blend: String) -> String? {
        let blend = RelativePath.names(in: blend).filter { !$0.isEmpty }
        // In a point cache's path `*` stands for the .blend's name.
        let stem = blend.last.map {
            String($0.lowercased().hasSuffix(".blend") ? $0.dropLast(".blend".count) : $0[...])
        }
        let (slash, backslash) = (UInt8(ascii: "/"), UInt8(ascii: "\\"))
        let path = String(
            decoding: reference.path.utf8.map { $0 == backslash ? slash : $0 }, as: UTF8.self)
        // `//` is the .blend's folder.
        let isRelative = path.utf8.starts(with: [slash, slash])
        guard isRelative || path.utf8.first == slash && isWholeMachine else { return nil }
        var names = isRelative ? Array(blend.dropLast()) : []
        for name in RelativePath.names(in: path) where !name.isEmpty && name != "." {
            if name == ".." {
                guard names.popLast() != nil else { return nil }
            } else if reference.kind == .pointCache, let stem {
                names.append(
                    name.split(separator: "*", omittingEmptySubsequences: false)
                        .joined(separator: stem))
            } else {
                names.append(name)
            }
        }
        return (isWholeMachine ? "/" : "") + names.joined(separator: "/")
    }
}

/// A file's name in which a number stands for any number.
private struct NumberedName {
    private let start: Substring
    private let end: Substring
    private let letters: Set<Character>

    /// The last number is the frame number; `nil` for a name without numbers.
    init?(sequence name: String) {
        guard let last = name.lastIndex(where: Self.digits.contains) else { return nil }
        let first = name[...last].lastIndex { !Self.digits.contains($0) }
        start = first.map { name[...$0] } ?? ""
        end = name[name.index(after: last)...]
        letters = Self.digits
    }

    /// `<UDIM>` stands for 1001 and up, `<UVTILE>` for u1_v1 and up. `nil` for other names.
    init?(tiles name: String) {
        for (token, letters) in [("<UDIM>", ""), ("<UVTILE>", "uv_")] {
            guard let range = name.firstRange(of: token) else { continue }
            start = name[..<range.lowerBound]
            end = name[range.upperBound...]
            self.letters = Self.digits.union(letters)
            return
        }
        return nil
    }

    func matches(_ name: String) -> Bool {
        name.utf8.count > start.utf8.count + end.utf8.count && name.hasPrefix(start)
            && name.hasSuffix(end)
            && name.dropFirst(start.count).dropLast(end.count).allSatisfy(letters.contains)
    }

    private static let digits = Set<Character>("0123456789")
}
