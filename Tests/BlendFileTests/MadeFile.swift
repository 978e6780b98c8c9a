@testable import BlendFile

/// Writes small .blend files of every layout, with a catalogue of its own: for layouts that no
/// installed Blender writes, and for files with wrong contents.
struct MadeFile {
    var pointerSize = 8
    var isBigEndian = false
    var hasLongHeads = false
    var version = 304
    /// The catalogue's structures. Their fields differ from Blender's, so that only names match.
    var structures: [(type: String, fields: [(type: String, name: String)])] = Self.current
    var scenes = [MadeScene()]
    /// The address of the open scene in the file's settings. `nil` leaves the settings out.
    var openScene: UInt64? = 0x1000
    var hasCatalogue = true
    /// Extra blocks between the scenes and the catalogue.
    var rest: [(code: String, body: [UInt8])] = [("OB\0\0", [1, 2, 3, 4]), ("DATA", [])]
    /// Structures in blocks of their own, after the extra blocks.
    var placed: [(type: String, address: UInt64, values: [String: Value])] = []

    static let current: [(type: String, fields: [(type: String, name: String)])] = [
        ("ListBase", [("void", "*first"), ("void", "*last")]),
        ("ID", [("void", "*next"), ("char", "name[66]"), ("short", "flag")]),
        ("ImageFormatData", [("char", "imtype"), ("char", "depth")]),
        (
            "RenderData",
            [
                ("void", "(*call)()"), ("ImageFormatData", "im_format"), ("int", "sfra"),
                ("int", "efra"), ("int", "frame_step"), ("short", "xsch"), ("int", "ysch"),
                ("float", "mat[4][4]"), ("short", "size"), ("char", "engine[32]"),
            ]
        ),
        (
            "Scene",
            [
                ("ID", "id"), ("void", "*camera"), ("ListBase", "markers"), ("void", "*ed"),
                ("RenderData", "r"),
            ]
        ),
        ("Editing", [("int", "flag"), ("ListBase", "seqbase")]),
        ("FileGlobal", [("char", "subvstr[4]"), ("Scene", "*curscene"), ("int", "globalf")]),
    ]

    /// As in Blender 2.4: format and engine are numbers, and there is no step.
    static let ancient: [(type: String, fields: [(type: String, name: String)])] = [
        ("ID", [("void", "*next"), ("char", "name[24]")]),
        (
            "RenderData",
            [
                ("short", "sfra"), ("short", "efra"), ("short", "xsch"), ("short", "ysch"),
                ("short", "size"), ("short", "imtype"),
            ]
        ),
        ("Scene", [("ID", "id"), ("void", "*camera"), ("RenderData", "r")]),
        ("FileGlobal", [("Scene", "*curscene")]),
    ]

    /// The structures for computing sizes when `structures` is wrong.
    var soundStructures: [(type: String, fields: [(type: String, name: String)])]?

    private static let plainSizes = [
        "void": 0, "char": 1, "short": 2, "int": 4, "float": 4, "int64_t": 8,
    ]

    func number(_ value: Int, _ count: Int) -> [UInt8] {
        let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        return isBigEndian ? little.reversed() : little
    }

    var header: [UInt8] {
        let pointer = pointerSize == 8 ? "-" : "_"
        let order = isBigEndian ? "V" : "v"
        let digits = String(version)
        let zeros = String(repeating: "0", count: (hasLongHeads ? 4 : 3) - digits.count)
        let middle = hasLongHeads ? "17\(pointer)01\(order)" : "\(pointer)\(order)"
        return Array("BLENDER\(middle)\(zeros)\(digits)".utf8)
    }

    func block(_ code: String, address: UInt64 = 0, structure: Int = 0, _ body: [UInt8]) -> [UInt8]
    {
        blockHead(code, address: address, structure: structure, count: body.count) + body
    }

    func blockHead(
        _ code: String, address: UInt64 = 0, structure: Int = 0, count: Int
    ) -> [UInt8] {
        let address = number(Int(truncatingIfNeeded: address), pointerSize)
        return hasLongHeads
            ? code.utf8 + number(structure, 4) + address + number(count, 8) + number(1, 8)
            : code.utf8 + number(count, 4) + address + number(structure, 4) + number(1, 4)
    }

    func structureNumber(_ type: String) -> Int {
        structures.firstIndex { $0.type == type } ?? structures.count
    }

    /// The structure's bytes, with zeros for fields that `values` lacks.
    func encode(_ type: String, _ values: [String: Value], path: String = "") -> [UInt8] {
        guard let structure = structures.first(where: { $0.type == type }) else { return [] }
        return structure.fields.flatMap { field -> [UInt8] in
            let name = path + field.name.prefix { $0 != "[" }
            let isPointer = field.name.first == "*" || field.name.first == "("
            if !isPointer && structures.contains(where: { $0.type == field.type }) {
                return encode(field.type, values, path: name + ".")
            }
            let count = size(of: field)
            switch values[name] {
            case .number(let value): return number(value, count)
            case .text(let text):
                let bytes = Array(text.utf8.prefix(count))
                return bytes + [UInt8](repeating: 0, count: count - bytes.count)
            case nil: return [UInt8](repeating: 0, count: count)
            }
        }
    }

    enum Value {
        case number(Int)
        case text(String)
    }

    private func size(of field: (type: String, name: String)) -> Int {
        let isPointer = field.name.first == "*" || field.name.first == "("
        let lengths = field.name.split { $0 == "[" || $0 == "]" }.dropFirst().compactMap { Int($0) }
        return (isPointer ? pointerSize : size(of: field.type)) * lengths.reduce(1, *)
    }

    private func size(of type: String) -> Int {
        structures.first { $0.type == type }?.fields.map(size(of:)).reduce(0, +)
            ?? Self.plainSizes[type] ?? 0
    }

    var catalogue: [UInt8] {
        let names = structures.flatMap { $0.fields.map(\.name) }
        let types = structures.map(\.type) + Self.plainSizes.keys.sorted()
        var bytes: [UInt8] = Array("SDNA".utf8)
        func part(_ tag: String) {
            bytes += [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
            bytes += tag.utf8
        }
        for (tag, words) in [("NAME", names), ("TYPE", types)] {
            part(tag)
            bytes += number(words.count, 4) + words.flatMap { $0.utf8 + [0] }
        }
        part("TLEN")
        // From the current structures, because a wrong one may contain itself.
        let sizes = MadeFile(pointerSize: pointerSize, structures: soundStructures ?? structures)
        bytes += types.flatMap { number(sizes.size(of: $0), 2) }
        part("STRC")
        bytes += number(structures.count, 4)
        for structure in structures {
            bytes += number(types.firstIndex(of: structure.type) ?? 0, 2)
            bytes += number(structure.fields.count, 2)
            for field in structure.fields {
                bytes += number(types.firstIndex(of: field.type) ?? 0, 2)
                bytes += number(names.firstIndex(of: field.name) ?? 0, 2)
            }
        }
        return bytes
    }

    var end: [UInt8] { block("ENDB", []) }

    var bytes: [UInt8] {
        var bytes = header + block("REND", [UInt8](repeating: 0, count: 72))
        if let openScene {
            bytes += block(
                "GLOB", structure: structureNumber("FileGlobal"),
                encode("FileGlobal", ["*curscene": .number(Int(openScene))]))
        }
        for (index, scene) in scenes.enumerated() {
            bytes += block(
                "SC\0\0", address: 0x1000 * UInt64(index + 1),
                structure: structureNumber("Scene"), encode("Scene", scene.values))
            bytes += block("DATA", [UInt8](repeating: 7, count: 40))
            bytes += block(
                "DATA", address: MadeScene.sequencer, structure: structureNumber("Editing"),
                encode("Editing", ["seqbase.*first": .number(scene.strips)]))
        }
        bytes += rest.flatMap { block($0.code, $0.body) }
        bytes += placed.flatMap { place in
            block(
                "DATA", address: place.address, structure: structureNumber(place.type),
                encode(place.type, place.values))
        }
        if hasCatalogue {
            bytes += block("DNA1", catalogue)
        }
        return bytes + end
    }
}

/// A scene to write, and the expected summary.
struct MadeScene {
    var name = "Szene"
    var frames = (start: -3, end: 300, step: 2)
    var engine = "CYCLES"
    var imageType = 17
    var size = (x: 1921, y: 1081, percentage: 33)
    var camera = 0x77
    var markers = 0
    /// The address of the scene's sequencer in the scene, and the first strip's.
    var sequencer: UInt64 = 0
    var strips = 0

    /// The sequencer's address.
    static let sequencer: UInt64 = 0xED

    var values: [String: MadeFile.Value] {
        [
            "id.name": .text("SC" + name), "*camera": .number(camera),
            "markers.*first": .number(markers), "*ed": .number(Int(sequencer)),
            "r.sfra": .number(frames.start),
            "r.efra": .number(frames.end), "r.frame_step": .number(frames.step),
            "r.engine": .text(engine), "r.im_format.imtype": .number(imageType),
            "r.imtype": .number(imageType), "r.xsch": .number(size.x),
            "r.ysch": .number(size.y), "r.size": .number(size.percentage),
        ]
    }
}
