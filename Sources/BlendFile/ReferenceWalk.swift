/// Goes through all blocks and collects the files that they reference.
///
/// This is a second walk, because reading a block needs the catalogue at the end of the file. In a
/// plain or seekable file it reads the block heads and only the blocks that may reference files.
struct ReferenceWalk {
    private let limits: BlendReader.Limits
    private let catalogue: StructureCatalogue
    private(set) var references: [FileReference] = []
    private var seen: Set<FileReference> = []
    private var pending = PendingReferences()

    init(limits: BlendReader.Limits, catalogue: StructureCatalogue) {
        self.limits = limits
        self.catalogue = catalogue
    }

    /// Begins at the block at `start`, the first that may reference a file.
    mutating func run(
        over content: inout some Content, from start: Int64
    ) async throws(BlendFileError) {
        var offset = start
        for _ in 0..<limits.blocksMax {
            let code = BlockCode(try await content.bytes(offset..<offset + 4))
            if code == .end { return }
            let (head, body) = try await BlockWalk.head(
                code, at: offset, of: &content, catalogue.layout)
            if pending.isText(at: head.address), body.count <= limits.settingsBytesMax {
                try note(pending.reference(with: try await content.bytes(body), at: head.address))
            } else if let type = catalogue.type(ofStructure: head.structure),
                let read = Self.readers[type], body.count > 0,
                body.count <= limits.settingsBytesMax || type == "StripElem"
            {
                // The first elements of a long sequence are enough.
                let end = min(body.upperBound, body.lowerBound + Int64(limits.settingsBytesMax))
                let bytes = Array(try await content.bytes(body.lowerBound..<end))
                let block = BlockWalk.Block(head: head, offset: body.lowerBound, body: bytes)
                let stored = try StoredStructure(block, type, in: catalogue)
                try note(try read(stored, &pending, head))
            }
            offset = body.upperBound
        }
        throw .tooLarge(.blocks(limits.blocksMax))
    }

    private mutating func note(_ reference: FileReference?) throws(BlendFileError) {
        guard let reference, !reference.path.isEmpty, seen.insert(reference).inserted else {
            return
        }
        guard references.count < limits.referencesMax else {
            throw .tooLarge(.references(limits.referencesMax))
        }
        references.append(reference)
    }
}

extension ReferenceWalk {
    typealias Reader =
        @Sendable (
            StoredStructure, inout PendingReferences, BlockHead
        ) throws(BlendFileError) -> FileReference?

    /// Reads a structure by its name in the catalogue. The numbers are from Blender's DNA headers
    /// (source/blender/makesdna/DNA_*_types.h). Some fields have other names in newer sources, but
    /// files keep the old names.
    static let readers: [String: Reader] = [
        "Image": { image, _, _ throws(BlendFileError) in try Self.image(image) },
        "Library": { library, _, _ throws(BlendFileError) in
            try library.reference(.library, at: "name")
        },
        "VFont": { font, _, _ throws(BlendFileError) in
            let reference = try font.reference(.font, at: "name")
            return reference?.path == "<builtin>" ? nil : reference
        },
        "bSound": { sound, _, _ throws(BlendFileError) in
            try sound.reference(.sound, at: "name")
        },
        "MovieClip": { clip, _, _ throws(BlendFileError) in
            let isSequence = try clip.integerIfPresent("source") == 1
            return try clip.reference(isSequence ? .imageSequence : .movie, at: "name")
        },
        "CacheFile": { cache, _, _ throws(BlendFileError) in
            try cache.reference(.sceneCache, at: "filepath")
        },
        "Volume": { volume, _, _ throws(BlendFileError) in
            let isSequence = try volume.integerIfPresent("is_sequence") == 1
            return try volume.reference(isSequence ? .volumeSequence : .volume, at: "filepath")
        },
        "FluidDomainSettings": { fluid, _, _ throws(BlendFileError) in
            // Baked data, noise, mesh, particles or guiding.
            let baked = 2 | 8 | 32 | 128 | 512
            guard (try fluid.integerIfPresent("cache_flag") ?? 0) & baked != 0 else { return nil }
            return try fluid.reference(.fluidCache, at: "cache_directory")
        },
        "PointCache": { cache, _, _ throws(BlendFileError) in
            let flag = try cache.integerIfPresent("flag") ?? 0
            if flag & (1 << 9) != 0 { return try cache.reference(.pointCache, at: "path") }
            let isBakedOnDisk = flag & (1 << 0) != 0 && flag & (1 << 6) != 0
            return isBakedOnDisk ? FileReference(kind: .pointCache, path: "//blendcache_*") : nil
        },
        "MeshCacheModifierData": { cache, _, _ throws(BlendFileError) in
            try cache.reference(.meshCache, at: "filepath")
        },
        "OceanModifierData": { ocean, _, _ throws(BlendFileError) in
            guard try ocean.integerIfPresent("cached") == 1 else { return nil }
            return try ocean.reference(.oceanCache, at: "cachepath")
        },
        "NodeShaderScript": { script, _, _ throws(BlendFileError) in
            guard try script.integerIfPresent("mode") == 1 else { return nil }
            return try script.reference(.script, at: "filepath")
        },
        "NodeShaderTexIES": { lamp, _, _ throws(BlendFileError) in
            guard try lamp.integerIfPresent("mode") == 1 else { return nil }
            return try lamp.reference(.lightProfile, at: "filepath")
        },
        "Sequence": { sequence, pending, _ throws(BlendFileError) in
            pending.strip = try SequencerStrip(sequence)
            return nil
        },
        "Strip": { folder, pending, _ throws(BlendFileError) in
            try pending.strip.folder(folder)
            return nil
        },
        "StripElem": { element, pending, head throws(BlendFileError) in
            try pending.strip.reference(element, head)
        },
        "NodesModifierData": { modifier, pending, _ throws(BlendFileError) in
            try pending.begin(modifier)
            return nil
        },
        "NodesModifierBake": { bakes, pending, head throws(BlendFileError) in
            try pending.reference(bakes, head)
        },
    ]

    private static func image(_ image: StoredStructure) throws(BlendFileError) -> FileReference? {
        switch try image.integerIfPresent("source") {
        case 0, 1, nil: try image.reference(.image, at: "name")
        case 2: try image.reference(.imageSequence, at: "name")
        case 3: try image.reference(.movie, at: "name")
        case 6: try image.reference(.imageTiles, at: "name")
        default: nil  // Made by Blender itself.
        }
    }
}

extension StoredStructure {
    fileprivate func reference(
        _ kind: FileReference.Kind, at field: String
    ) throws(BlendFileError) -> FileReference? {
        guard let path = try textIfPresent(field) else { return nil }
        let packed = [try isSet("packedfile"), try isSet("packedfiles", "first")]
        return FileReference(
            kind: kind, path: path, owner: try name("id", "name"),
            isPacked: packed.contains(true))
    }

    /// A data-block's name, without the two letters of its kind.
    func name(_ path: String...) throws(BlendFileError) -> String? {
        guard let text = try textIfPresent(path) else { return nil }
        return String(text.dropFirst(2))
    }
}
