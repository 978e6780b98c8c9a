/// References that are not complete yet, because their parts are in several blocks.
struct PendingReferences {
    var strip = SequencerStrip()
    /// References by the address of the block that holds only their path.
    private var texts: [UInt64: FileReference?] = [:]
    private var modifier = BakingModifier()
}

/// The sequencer's strip that is being read. The next two blocks hold its folder and its file.
struct SequencerStrip {
    private var kind: FileReference.Kind?
    private var owner: String?
    private var folder: String?
    /// The address of the strip's elements.
    private var elements: UInt64 = 0

    init() {}

    init(_ sequence: StoredStructure) throws(BlendFileError) {
        owner = try sequence.name("name")
        switch try sequence.integerIfPresent("type") {
        case 0: kind = .image
        case 3: kind = .movie
        default: break  // Sounds have data-blocks of their own. Other strips have no file.
        }
    }

    mutating func folder(_ strip: StoredStructure) throws(BlendFileError) {
        folder = try strip.textIfPresent("dir")
        elements = try strip.pointerIfPresent("stripdata") ?? 0
    }

    func reference(
        _ element: StoredStructure, _ head: BlockHead
    ) throws(BlendFileError) -> FileReference? {
        guard let kind, let folder, head.address == elements,
            let name = try element.textIfPresent("name"), !name.isEmpty
        else { return nil }
        let isSequence = kind == .image && head.count > 1
        return FileReference(
            kind: isSequence ? .imageSequence : kind, path: folder + name, owner: owner)
    }
}

/// The geometry nodes that are being read: a folder for their bakes, then the bakes. Each bake may
/// have a folder of its own. A file does not say whether they were baked, but Blender sets the
/// folder when they are.
private struct BakingModifier {
    var owner: String?
    /// The addresses of the folder's path and of the bakes.
    var folder: UInt64 = 0
    var bakes: UInt64 = 0
    /// `NodesModifierBakeTarget`.
    var target = BakingModifier.onDisk
    var path: String?

    static let inherited = 0
    static let onDisk = 2
}

extension PendingReferences {
    mutating func begin(_ nodes: StoredStructure) throws(BlendFileError) {
        texts = [:]
        modifier = BakingModifier(owner: try nodes.textIfPresent("modifier", "name"))
        // Before 4.3 all bakes were on disk, and before 4.1 in the modifier's folder.
        modifier.target = try nodes.integerIfPresent("bake_target") ?? BakingModifier.onDisk
        modifier.folder = try nodes.pointerIfPresent("simulation_bake_directory") ?? 0
        modifier.bakes = try nodes.pointerIfPresent("bakes") ?? 0
        guard modifier.folder != 0 else { return }
        let folder = FileReference(kind: .nodesBake, path: "", owner: modifier.owner)
        texts[modifier.folder] = .some(modifier.bakes == 0 ? folder : nil)
    }

    func isText(at address: UInt64) -> Bool { !texts.isEmpty && texts[address] != nil }

    /// The reference that the text at `address` completes. `nil` for the folder of bakes that
    /// follow.
    mutating func reference(with text: ArraySlice<UInt8>, at address: UInt64) -> FileReference? {
        let path = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
        if address == modifier.folder { modifier.path = path }
        guard var reference = texts.removeValue(forKey: address) ?? nil else { return nil }
        reference.path = path
        return reference
    }

    /// The modifier's folder, if one of its bakes is there.
    mutating func reference(
        _ bakes: StoredStructure, _ head: BlockHead
    ) throws(BlendFileError) -> FileReference? {
        guard head.address == modifier.bakes, head.address != 0 else { return nil }
        var found: FileReference?
        for bake in try bakes.elements(head.count) {
            let own = try bake.integerIfPresent("bake_target") ?? BakingModifier.inherited
            let target = own == BakingModifier.inherited ? modifier.target : own
            guard target == BakingModifier.onDisk else { continue }
            let hasOwnFolder = (try bake.integerIfPresent("flag") ?? 0) & (1 << 1) != 0
            if hasOwnFolder {
                let address = try bake.pointerIfPresent("directory") ?? 0
                if address != 0 {
                    texts[address] = FileReference(
                        kind: .nodesBake, path: "", owner: modifier.owner)
                }
            } else if let path = modifier.path {
                found = FileReference(kind: .nodesBake, path: path, owner: modifier.owner)
            }
        }
        return found
    }
}
