@testable import BlendFile

/// Small files with every layout and compression, and every structure that references a file. They
/// are the seeds of a fuzzer.
enum FuzzSeeds {
    static var all: [(name: String, bytes: [UInt8])] {
        var seeds: [(String, [UInt8])] = []
        let layouts = [
            ("64-bit", referring(MadeFile())),
            ("32-bit", referring(MadeFile(pointerSize: 4))),
            ("big-endian", referring(MadeFile(isBigEndian: true))),
            ("long-heads", referring(MadeFile(hasLongHeads: true, version: 500))),
            ("ancient", MadeFile(pointerSize: 4, version: 245, structures: MadeFile.ancient)),
        ]
        for (name, file) in layouts {
            seeds.append((name, file.bytes))
        }
        let bytes = layouts[0].1.bytes
        seeds += [
            ("gzip", Packed.gzip(bytes)), ("zstandard", Packed.zstandard(bytes)),
            ("seekable", Packed.seekable(bytes, frameCount: 700)),
            ("seekable-checked", Packed.seekable(bytes, frameCount: 900, hasChecksums: true)),
        ]
        return seeds
    }

    /// With a block for each structure that references a file.
    private static func referring(_ file: MadeFile) -> MadeFile {
        var file = file
        let path = "//a/b_0001.png"
        let own: [(type: String, fields: [(type: String, name: String)])] = [
            ("PackedFile", [("int", "size")]),
            (
                "Image",
                [
                    ("ID", "id"), ("char", "name[64]"), ("short", "source"),
                    ("PackedFile", "*packedfile"),
                ]
            ),
            ("Library", [("ID", "id"), ("char", "name[64]")]),
            ("VFont", [("ID", "id"), ("char", "name[64]")]),
            ("bSound", [("ID", "id"), ("char", "name[64]")]),
            ("MovieClip", [("ID", "id"), ("char", "name[64]"), ("int", "source")]),
            ("CacheFile", [("ID", "id"), ("char", "filepath[64]")]),
            ("Volume", [("ID", "id"), ("char", "filepath[64]"), ("char", "is_sequence")]),
            ("FluidDomainSettings", [("char", "cache_directory[64]"), ("int", "cache_flag")]),
            ("PointCache", [("char", "path[64]"), ("int", "flag")]),
            ("MeshCacheModifierData", [("char", "filepath[64]")]),
            ("OceanModifierData", [("char", "cachepath[64]"), ("char", "cached")]),
            ("NodeShaderScript", [("int", "mode"), ("char", "filepath[64]")]),
            ("NodeShaderTexIES", [("int", "mode"), ("char", "filepath[64]")]),
            (
                "NodesModifierData",
                [
                    ("int", "bake_target"), ("char", "*simulation_bake_directory"),
                    ("NodesModifierBake", "*bakes"),
                ]
            ),
            ("Path", [("char", "text[64]")]),
            (
                "NodesModifierBake",
                [("int", "flag"), ("char", "bake_target"), ("char", "*directory")]
            ),
            ("Sequence", [("char", "name[64]"), ("int", "type")]),
            ("Strip", [("void", "*stripdata"), ("char", "dir[64]")]),
            ("StripElem", [("char", "name[64]")]),
        ]
        file.structures += own
        let values: [String: MadeFile.Value] = [
            "id.name": .text("IMOwner"), "name": .text(path), "filepath": .text(path),
            "cache_directory": .text(path), "path": .text(path), "cachepath": .text(path),
            "dir": .text("//a/"), "cache_flag": .number(2), "flag": .number(1 << 9),
            "cached": .number(1), "mode": .number(1), "*stripdata": .number(0x5E),
            "*simulation_bake_directory": .number(0xB1), "*bakes": .number(0xB2),
            "bake_target": .number(2), "text": .text(path),
        ]
        let addresses: [String: UInt64] = [
            "StripElem": 0x5E, "Path": 0xB1, "NodesModifierBake": 0xB2,
        ]
        file.placed = own.map { ($0.type, addresses[$0.type] ?? 0, values) }
        return file
    }
}
