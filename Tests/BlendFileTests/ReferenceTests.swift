import FoundationEssentials
import Testing

@testable import BlendFile

@Suite struct `The files that a .blend references` {
    private static let name = "references-3.4"

    private static func references() async throws -> [FileReference] {
        let source = try LocalFile(path: Fixture.folder + name + ".blend")
        return try #require(try await BlendReader.summary(of: source).references)
    }

    @Test func `are those that Blender itself lists`() async throws {
        let json = try Data(contentsOf: URL(filePath: Fixture.folder + Self.name + ".json"))
        var expected = Set(try JSONDecoder().decode([String].self, from: json))
        // An ocean that is not baked needs no files. A sequence is named by its first picture.
        #expect(expected.remove("//sea") != nil)
        #expect(expected.remove("//textures/strip_2.png") != nil)
        // Blender 3.4 does not list an external cache's folder.
        expected.insert("//cloth")
        let found = try await Self.references().filter { !$0.isPacked }.map(\.path)
        #expect(Set(found) == expected)
    }

    @Test func `have a kind, an owner and a mark if they are packed`() async throws {
        let found = try await Self.references()
        let expected: [FileReference] = [
            FileReference(kind: .image, path: "//textures/wood.png", owner: "Wood"),
            FileReference(
                kind: .image, path: "//textures/packed.png", owner: "Packed", isPacked: true),
            FileReference(kind: .imageSequence, path: "//textures/shot_0001.png", owner: "Shot"),
            FileReference(kind: .imageTiles, path: "//textures/tile.<UDIM>.png", owner: "Tiles"),
            FileReference(kind: .movie, path: "/films/film.mp4", owner: "Film"),
            FileReference(kind: .library, path: "//library.blend", owner: "library.blend"),
            FileReference(kind: .font, path: "//letters.ttf"),
            FileReference(kind: .sound, path: "//steps.wav", owner: "steps.wav"),
            FileReference(kind: .volume, path: "//smoke.vdb", owner: "Smoke"),
            FileReference(kind: .volumeSequence, path: "//fire_0001.vdb", owner: "Fire"),
            FileReference(kind: .meshCache, path: "//moves.mdd"),
            FileReference(kind: .pointCache, path: "//cloth"),
            FileReference(kind: .lightProfile, path: "//lamp.ies"),
            FileReference(kind: .script, path: "//rust.osl"),
            FileReference(kind: .imageSequence, path: "//textures/strip_1.png", owner: "Stills"),
            FileReference(kind: .image, path: "//textures/wood.png", owner: "Still"),
        ]
        for reference in expected {
            let match = found.first {
                var same = $0
                if reference.owner == nil { same.owner = nil }
                return same == reference
            }
            #expect(match != nil, "\(reference) is not among \(found)")
        }
    }

    @Test func `include the folders of geometry nodes' bakes, except packed ones`() async throws {
        let source = try LocalFile(path: Fixture.folder + "bakes-5.0.blend")
        let found = try #require(try await BlendReader.summary(of: source).references)
        #expect(found.allSatisfy { $0.kind == .nodesBake && $0.owner == "Nodes" })
        #expect(Set(found.map(\.path)) == ["//bakes/sea", "//elsewhere/foam", "//bakes/lid"])
    }

    @Test(arguments: FuzzSeeds.all.filter { $0.name != "ancient" }.map(\.name))
    func `are of every kind in the fuzzer's seeds`(_ name: String) async throws {
        let seed = try #require(FuzzSeeds.all.first { $0.name == name })
        let summary = try await BlendReader.summary(of: BytesInMemory(seed.bytes))
        // Except the kinds that need other values of the same fields.
        let missing = Set(FileReference.Kind.allCases).subtracting(
            (summary.references ?? []).map(\.kind))
        #expect(missing.isSubset(of: [.imageSequence, .imageTiles, .movie, .volumeSequence]))
    }

    @Test func `are found in compressed files that must be read from their start`() async throws {
        let content = try await Fixture.content(Self.name + ".blend")
        let packed = BytesInMemory(Packed.gzip(content))
        let summary = try await BlendReader.summary(of: packed)
        #expect(summary.references == (try await Self.references()))
    }

    @Test func `are unknown for a file that is too large to search`() async throws {
        let source = try LocalFile(path: Fixture.folder + Self.name + ".blend")
        var limits = BlendReader.Limits()
        limits.referencesMax = 3
        #expect(try await BlendReader.summary(of: source, limits: limits).references == nil)
    }
}
