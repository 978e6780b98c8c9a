import FoundationEssentials
import Testing

@testable import BlendFile

/// A file from Blender, with the facts that Blender reads from it. `Fixtures/make.py` makes both.
struct Fixture: Sendable, CustomTestStringConvertible {
    var name: String
    var expected: Expected

    var testDescription: String { name }

    /// The facts that `make.py` wrote in Blender.
    struct Expected: Decodable, Sendable {
        var version: String
        var active: String
        var scenes: [Scene]

        struct Scene: Decodable, Hashable, Sendable {
            var name: String
            var frameStart: Int
            var frameEnd: Int
            var frameStep: Int
            var engine: String
            var resolutionX: Int
            var resolutionY: Int
            var resolutionPercentage: Int
            var format: String
            var hasCamera: Bool
        }
    }

    static let folder =
        #filePath.split(separator: "/").dropLast()
        .reduce("") { $0 + "/" + $1 } + "/Fixtures/"

    /// All fixtures, from both versions of Blender.
    static func all() throws -> [Fixture] {
        try ["3.4", "5.0"].flatMap { version in
            let json = try Data(
                contentsOf: URL(filePath: folder + "expected-\(version).json"))
            return try JSONDecoder().decode([String: Expected].self, from: json)
                .sorted { $0.key < $1.key }
                .map { Fixture(name: $0.key, expected: $0.value) }
        }
    }

    func source() throws -> LocalFile {
        try LocalFile(path: Self.folder + name)
    }

    static func bytes(_ name: String) async throws -> [UInt8] {
        let file = try LocalFile(path: folder + name)
        return try await file.read(0..<file.byteCount)
    }

    /// A fixture's content, decompressed.
    static func content(_ name: String) async throws -> [UInt8] {
        let packed = try await bytes(name)
        return name.hasSuffix(".gz")
            ? try unpacked(packed, by: GzipUnpacker()) : try unpacked(packed, by: ZstdUnpacker())
    }

    private static func unpacked(_ packed: [UInt8], by codec: some Unpacker) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = packed[...]
        while true {
            let step = try codec.unpack(rest, countMax: 1 << 20)
            if step.bytes.isEmpty && step.consumedCount == 0 { return bytes }
            bytes += step.bytes
            rest = rest.dropFirst(step.consumedCount)
        }
    }
}

extension Fixture.Expected.Scene {
    /// The same facts from this reader.
    init(_ scene: SceneSummary) {
        self.init(
            name: scene.name, frameStart: scene.frameStart, frameEnd: scene.frameEnd,
            frameStep: scene.frameStep, engine: scene.engine, resolutionX: scene.resolutionX,
            resolutionY: scene.resolutionY, resolutionPercentage: scene.resolutionPercentage,
            format: scene.output.identifier ?? (scene.output == .movie ? "FFMPEG" : "?"),
            hasCamera: scene.hasCamera)
    }
}
