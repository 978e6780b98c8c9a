/// Reads the facts that a render farm needs from a .blend, without Blender and without loading it.
package enum BlendReader {
    /// Reads the version, scenes, render settings and referenced files of a .blend, in ranges.
    ///
    /// Time, memory and the number of reads stay within `limits` for every file.
    ///
    /// - Parameter isLinked: whether other files only link from this one. Then it needs no scene.
    package static func summary(
        of source: some ByteSource, limits: Limits = Limits(),
        isLinked: Bool = false
    ) async throws(BlendFileError) -> BlendSummary {
        guard source.byteCount > 0 else {
            throw .empty
        }
        var windows = SourceWindows(source, limits: limits)
        let start = try await windows.bytes(
            0..<min(Int64(FileLayout.shortHeaderCount), source.byteCount))
        switch Packing(start) {
        case .none:
            return try await summary(compression: .none, limits: limits, isLinked) {
                PlainContent(windows: windows)
            }
        case .gzip:
            return try await summary(compression: .gzip, limits: limits, isLinked) {
                () throws(BlendFileError) in
                StreamedContent(windows: windows, codec: try unpacker(GzipUnpacker.init))
            }
        case .zstandard:
            if let table = try await SeekTable.read(from: &windows) {
                return try await summary(compression: .zstandard, limits: limits, isLinked) {
                    SeekableContent(windows: windows, table: table)
                }
            }
            return try await summary(compression: .zstandard, limits: limits, isLinked) {
                () throws(BlendFileError) in
                StreamedContent(windows: windows, codec: try unpacker(ZstdUnpacker.init))
            }
        case .foreign(let kind):
            throw .notABlend(looksLike: kind)
        }
    }

    private static func unpacker<Codec>(
        _ make: () throws(UnpackFailure) -> Codec
    ) throws(BlendFileError) -> Codec {
        do throws(UnpackFailure) {
            return try make()
        } catch {
            throw .unsupported(reason: error.reason)
        }
    }

    private static func summary<Bytes: Content>(
        compression: BlendSummary.Compression, limits: Limits, _ isLinked: Bool,
        open: () throws(BlendFileError) -> Bytes
    ) async throws(BlendFileError) -> BlendSummary {
        var content = try open()
        let layout = try await layout(of: &content)
        var walk = BlockWalk(layout: layout, limits: limits)
        try await walk.run(over: &content)
        guard let catalogue = walk.catalogue else {
            throw .corrupt(at: walk.offset, reason: "it has no catalogue of structures")
        }
        guard isLinked || !walk.scenes.isEmpty else {
            throw .noScene
        }
        let structures = try StructureCatalogue(catalogue, layout: layout)
        var scenes: [SceneSummary] = []
        for block in walk.scenes {
            let scene = try StoredStructure(block, "Scene", in: structures)
            scenes.append(try SceneSummary(scene, parts: walk.sceneParts))
        }
        // Streamed content can't go back, so it is decompressed again.
        if content.byteCount == nil { content = try open() }
        return BlendSummary(
            version: layout.version, compression: compression, scenes: scenes,
            activeSceneIndex: try activeScene(of: walk, in: structures),
            references: try await references(
                in: &content,
                from: walk.scenes.first.map { $0.offset - Int64(layout.blockHeadCount) }
                    ?? Int64(layout.headerCount), structures, limits: limits))
    }

    /// The blocks before the first scene are windows and workspaces. None of them references a
    /// file.
    private static func references(
        in content: inout some Content, from start: Int64, _ structures: StructureCatalogue,
        limits: Limits
    ) async throws(BlendFileError) -> [FileReference]? {
        var walk = ReferenceWalk(limits: limits, catalogue: structures)
        do {
            try await walk.run(over: &content, from: start)
        } catch .tooLarge {
            return nil
        }
        return walk.references
    }

    /// The first scene if the file names none, as in Blender.
    private static func activeScene(
        of walk: BlockWalk, in structures: StructureCatalogue
    ) throws(BlendFileError) -> Int? {
        guard !walk.scenes.isEmpty else { return nil }
        guard let block = walk.fileSettings else { return 0 }
        let settings = try StoredStructure(block, "FileGlobal", in: structures)
        guard let address = try settings.pointerIfPresent("curscene"), address != 0 else {
            return 0
        }
        return walk.scenes.firstIndex { $0.head.address == address }
    }

    private static func layout(
        of content: inout some Content
    ) async throws(BlendFileError) -> FileLayout {
        var count = Int64(FileLayout.shortHeaderCount)
        if let byteCount = content.byteCount, byteCount < count {
            let start = try await content.bytes(0..<byteCount)
            throw start.starts(with: FileLayout.magic)
                ? .truncated(at: byteCount) : .notABlend(looksLike: nil)
        }
        var header = Array(try await content.bytes(0..<count))
        if FileLayout.isLong(header[...]) {
            let rest = count..<Int64(FileLayout.longHeaderCount)
            header += try await content.bytes(rest)
            count = rest.upperBound
        }
        return try FileLayout(header: header[...])
    }
}

/// The format of a file, by its first bytes.
private enum Packing {
    case none
    case gzip
    case zstandard
    /// Another format, named for the user, or `nil` for an unknown one.
    case foreign(String?)

    init(_ start: ArraySlice<UInt8>) {
        self =
            if start.starts(with: FileLayout.magic) {
                .none
            } else if start.starts(with: [0x1F, 0x8B]) {
                .gzip
            } else if Self.isZstandard(start) {
                .zstandard
            } else {
                .foreign(Self.foreign.first { start.starts(with: $0.magic.utf8) }?.name)
            }
    }

    /// The magic number of a frame or of a skippable frame, which may come first (RFC 8878, 3.1).
    private static func isZstandard(_ start: ArraySlice<UInt8>) -> Bool {
        start.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
            || start.first.map { $0 & 0xF0 == 0x50 } == true
                && start.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
    }

    /// Formats that people upload by mistake.
    private static let foreign = [
        (magic: "version http", name: "a Git LFS pointer"),
        (magic: "PK\u{3}\u{4}", name: "a ZIP archive"),
        (magic: "Rar!", name: "a RAR archive"),
        (magic: "7z", name: "a 7-Zip archive"),
        (magic: "<!DOCTYPE", name: "a web page"),
        (magic: "<html", name: "a web page"),
        (magic: "Kaydara FBX", name: "an FBX file"),
        (magic: "glTF", name: "a glTF file"),
    ]
}
