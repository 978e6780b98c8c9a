import Testing

@testable import BlendFile

@Suite struct `A compressed file` {
    typealias Pack = @Sendable ([UInt8]) -> [UInt8]

    struct Way: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var compression: BlendSummary.Compression
        var pack: Pack
    }

    static let ways: [Way] = [
        Way(testDescription: "gzip", compression: .gzip) { Packed.gzip($0) },
        Way(testDescription: "gzip in two members", compression: .gzip) {
            Packed.gzip(Array($0.prefix(500))) + Packed.gzip(Array($0.dropFirst(500)))
        },
        Way(testDescription: "one frame", compression: .zstandard) { Packed.zstandard($0) },
        Way(testDescription: "two frames", compression: .zstandard) {
            Packed.zstandard(Array($0.prefix(500))) + Packed.zstandard(Array($0.dropFirst(500)))
        },
        Way(testDescription: "a skippable frame first", compression: .zstandard) {
            Packed.little(0x184D_2A53) + Packed.little(3) + [9, 9, 9] + Packed.zstandard($0)
        },
        Way(testDescription: "seekable", compression: .zstandard) {
            Packed.seekable($0, frameCount: 100_000)
        },
        Way(testDescription: "seekable in tiny frames", compression: .zstandard) {
            Packed.seekable($0, frameCount: 777)
        },
        Way(testDescription: "seekable with checksums", compression: .zstandard) {
            Packed.seekable($0, frameCount: 4096, hasChecksums: true)
        },
        Way(testDescription: "a table that doesn't fit", compression: .zstandard) {
            Packed.zstandard($0)
                + Packed.table(entries: Packed.little(5) + Packed.little(6), count: 1)
        },
        Way(testDescription: "a table that claims too many frames", compression: .zstandard) {
            Packed.zstandard($0) + Packed.table(entries: [], count: 0xFFFF_FFFF)
        },
    ]

    @Test(arguments: ways)
    func `is read like a plain one`(_ way: Way) async throws {
        for name in ["plain-3.4.blend.gz", "scenes-5.0.blend"] {
            let plain = try await Fixture.content(name)
            var expected = try await BlendReader.summary(of: BytesInMemory(plain))
            #expect(expected.compression == .none)
            expected.compression = way.compression
            let summary = try await BlendReader.summary(of: BytesInMemory(way.pack(plain)))
            #expect(summary == expected)
        }
    }

    @Test(arguments: ways)
    func `is also read in small pieces`(_ way: Way) async throws {
        var limits = BlendReader.Limits()
        limits.windowBytes = 64
        limits.windowBytesMax = 256
        let packed = way.pack(MadeFile().bytes)
        let summary = try await BlendReader.summary(of: BytesInMemory(packed), limits: limits)
        #expect(summary.scenes.map(\.name) == ["Szene"])
    }

    @Test func `is decompressed only where needed, if it is seekable`() async throws {
        var file = MadeFile()
        let noise = SplitMix64.bytes(seed: 1, count: 3 << 20)
        file.rest = [("OB\0\0", [1])] + (0..<6).map { _ in ("DATA", noise) }
        let bytes = file.bytes
        let source = CountingSource(
            BytesInMemory(Packed.seekable(bytes, frameCount: 1 << 20)))
        let summary = try await BlendReader.summary(of: source)
        #expect(summary.scenes.count == 1)
        // One frame of three: the one with a block's head.
        #expect(source.bytesRead < source.byteCount / 2)
    }
}

@Suite struct `A plain file of many gigabytes` {
    /// The scene and the catalogue of a real file, with 6 GB of meshes in between.
    private func vast(endsWell: Bool) -> VastSource {
        var file = MadeFile()
        file.rest = []
        file.hasCatalogue = false
        var source = VastSource()
        source.append(Array(file.bytes.dropLast(file.end.count)))
        source.append(file.block("ME\0\0", [1]))
        for _ in 0..<6 {
            source.append(file.blockHead("DATA", count: 1 << 30))
            source.append(zeros: 1 << 30)
        }
        source.append(file.block("DNA1", file.catalogue))
        source.append(endsWell ? file.end : [0, 1, 2])
        return source
    }

    @Test func `takes two reads, and a small one for each skipped block`() async throws {
        let source = CountingSource(vast(endsWell: true))
        let summary = try await BlendReader.summary(of: source)
        #expect(summary.scenes.map(\.name) == ["Szene"])
        #expect(source.byteCount > 6 << 30)
        #expect(source.readCount == 2 + 6)
        #expect(source.bytesRead <= 2 * 256 * 1024 + 6 * 64 * 1024)
    }

    @Test func `is walked to the point where it breaks off, without reading the meshes`()
        async throws
    {
        let source = CountingSource(vast(endsWell: false))
        await #expect(throws: BlendFileError.truncated(at: source.byteCount)) {
            try await BlendReader.summary(of: source)
        }
        #expect(source.readCount < 20)
    }
}
