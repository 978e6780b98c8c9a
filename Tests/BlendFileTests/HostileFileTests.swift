import Testing

@testable import BlendFile

@Suite struct `A file that is not a .blend` {
    @Test func `is refused when empty`() async {
        await #expect(throws: BlendFileError.empty) {
            try await BlendReader.summary(of: BytesInMemory([]))
        }
    }

    @Test(arguments: [
        ("version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"),
        ("PK\u{3}\u{4}and more", "a ZIP archive"), ("<!DOCTYPE html>", "a web page"),
        ("garbage with a good name", nil), ("BLEND", nil), ("x", nil),
    ])
    func `is refused, and its format is named if known`(_ text: String, kind: String?) async {
        await #expect(throws: BlendFileError.notABlend(looksLike: kind)) {
            try await BlendReader.summary(of: BytesInMemory(Array(text.utf8)))
        }
    }

    @Test func `is refused when compressed`() async {
        let text = Array("something else altogether".utf8)
        for packed in [Packed.gzip(text), Packed.zstandard(text)] {
            await #expect(throws: BlendFileError.notABlend(looksLike: nil)) {
                try await BlendReader.summary(of: BytesInMemory(packed))
            }
        }
    }

    @Test(arguments: ["BLENDER-v30x", "BLENDER-x304", "BLENDER17?01v0500", "BLENDER17-01?0500"])
    func `is damaged when its header is invalid`(_ header: String) async {
        let file = MadeFile()
        let bytes = Array(header.utf8) + Array(file.bytes.dropFirst(file.header.count))
        await #expect(throws: BlendFileError.self) {
            try await BlendReader.summary(of: BytesInMemory(bytes))
        }
    }

    @Test(arguments: ["BLENDER18-01v0500x", "BLENDER17-02v0700", "BLENDER*v304xxx"])
    func `has an unknown format when its header is unknown`(_ header: String) async throws {
        let error = await #expect(throws: BlendFileError.self) {
            try await BlendReader.summary(of: BytesInMemory(Array(header.utf8)))
        }
        guard case .unsupported = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

@Suite struct `A truncated file` {
    @Test func `is detected at every length`() async throws {
        for file in [MadeFile(), MadeFile(hasLongHeads: true, version: 500)] {
            let bytes = file.bytes
            // A file may also end after this code alone.
            let whole = bytes.count - file.end.count + 4
            for count in FileLayout.magic.count..<whole {
                let error = await #expect(throws: BlendFileError.self) {
                    try await BlendReader.summary(of: BytesInMemory(Array(bytes.prefix(count))))
                }
                #expect(error == .truncated(at: Int64(count)))
            }
        }
    }

    @Test func `is detected when compressed`() async throws {
        let bytes = MadeFile().bytes
        for packed in [
            Packed.gzip(bytes), Packed.zstandard(bytes), Packed.seekable(bytes, frameCount: 500),
        ] {
            for count in stride(from: 18, to: packed.count - 200, by: 7) {
                let error = await #expect(throws: BlendFileError.self) {
                    try await BlendReader.summary(of: BytesInMemory(Array(packed.prefix(count))))
                }
                guard case .truncated = error else {
                    Issue.record("\(count) of \(packed.count): \(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test(arguments: ["plain-3.4.blend.gz", "scenes-3.4.blend", "scenes-5.0.blend"])
    func `is detected when Blender made it`(_ name: String) async throws {
        let bytes = try await Fixture.bytes(name)
        for part in [0.1, 0.5, 0.9] {
            let source = BytesInMemory(Array(bytes.prefix(Int(Double(bytes.count) * part))))
            let error = await #expect(throws: BlendFileError.self) {
                try await BlendReader.summary(of: source)
            }
            guard case .truncated = error else {
                Issue.record("\(part): \(String(describing: error))")
                return
            }
        }
    }
}

@Suite struct `A file with wrong contents` {
    private func error(
        _ bytes: [UInt8], limits: BlendReader.Limits = .init()
    ) async -> BlendFileError? {
        await #expect(throws: BlendFileError.self) {
            try await BlendReader.summary(of: BytesInMemory(bytes), limits: limits)
        }
    }

    private func isCorrupt(_ error: BlendFileError?, _ word: String) -> Bool {
        guard case .corrupt(_, let reason) = error else { return false }
        return reason.contains(word)
    }

    @Test func `is damaged or truncated when a block's length is wrong`() async {
        let short = MadeFile()
        let long = MadeFile(hasLongHeads: true, version: 500)
        let rows: [(MadeFile, Int, String?)] = [
            (short, -1, "length"), (short, Int(Int32.min), "length"), (short, 1 << 30, nil),
            (long, -1, "length"), (long, .max, "length"), (long, .max / 2, "length"),
            (long, 1 << 60, nil),
        ]
        for (file, count, word) in rows {
            let bytes = file.header + file.blockHead("DATA", count: count) + file.end
            let error = await error(bytes)
            #expect(
                word.map { isCorrupt(error, $0) } ?? (error == .truncated(at: Int64(bytes.count))))
        }
    }

    @Test func `is truncated when a block's length is wrong and the file is compressed`() async {
        let file = MadeFile()
        let bytes = file.header + file.blockHead("DATA", count: 1 << 30) + file.end
        for packed in [Packed.gzip(bytes), Packed.zstandard(bytes)] {
            #expect(await error(packed) == .truncated(at: Int64(bytes.count)))
        }
    }

    @Test func `is damaged when its settings' length is wrong`() async {
        let file = MadeFile()
        for code in ["SC\0\0", "GLOB", "DNA1"] {
            let body = [UInt8](repeating: 0, count: 5 << 20)
            let bytes = file.header + file.block(code, body) + file.end
            #expect(isCorrupt(await error(bytes), "impossible length"))
        }
    }

    @Test func `is damaged without a catalogue`() async {
        var file = MadeFile()
        file.hasCatalogue = false
        #expect(isCorrupt(await error(file.bytes), "no catalogue"))
    }

    @Test func `without scenes has none`() async {
        #expect(await error(MadeFile(scenes: []).bytes) == .noScene)
    }

    @Test func `is damaged when its catalogue breaks off anywhere`() async {
        let file = MadeFile(hasCatalogue: false)
        let start = Array(file.bytes.dropLast(file.end.count))
        let catalogue = file.catalogue
        for count in 0..<catalogue.count {
            let part = Array(catalogue.prefix(count))
            #expect(
                isCorrupt(await error(start + file.block("DNA1", part) + file.end), "catalogue"))
        }
    }

    @Test func `is damaged when its catalogue's counts are wrong`() async {
        let file = MadeFile(hasCatalogue: false)
        let start = Array(file.bytes.dropLast(file.end.count))
        for count in [-1, Int(Int32.max), 1 << 16, 1 << 17] {
            let catalogue = "SDNANAME".utf8 + file.number(count, 4) + Array(repeating: 0, count: 99)
            let bytes = start + file.block("DNA1", catalogue) + file.end
            #expect(isCorrupt(await error(bytes), "catalogue"))
        }
    }

    @Test func `is damaged when a scene's fields are wrong`() async {
        typealias Fields = [(type: String, name: String)]
        let rows: [(String, Fields)] = [
            // The scene contains itself, or is its own settings.
            ("Scene", [("Scene", "id"), ("Scene", "r")]),
            ("RenderData", [("RenderData", "im_format"), ("int", "sfra")]),
            ("RenderData", [("char", "big[99999999999999999999]"), ("int", "sfra")]),
            ("RenderData", [("char", "big[65535][65535][65535][65535][65535]"), ("int", "sfra")]),
            ("RenderData", [("int", "sfra[2]")]), ("RenderData", [("void", "*sfra")]),
            ("RenderData", [("int64_t", "sfra")]), ("RenderData", []),
        ]
        for (type, fields) in rows {
            var file = MadeFile(hasCatalogue: false)
            let start = Array(file.bytes.dropLast(file.end.count))
            file.soundStructures = file.structures
            file.structures = file.structures.map { $0.type == type ? (type, fields) : $0 }
            let bytes = start + file.block("DNA1", file.catalogue) + file.end
            guard case .corrupt = await error(bytes) else {
                Issue.record("\(type) \(fields)")
                return
            }
        }
    }

    @Test func `is damaged when a block holds another structure`() async {
        for number in [-1, 0, 3, 6, 60_000] {
            let file = MadeFile()
            let scene = file.block("SC\0\0", structure: number, file.encode("Scene", [:]))
            let bytes =
                file.header + scene + file.block("DNA1", file.catalogue) + file.end
            #expect(isCorrupt(await error(bytes), "should hold a Scene"))
        }
    }

    @Test func `is damaged when its compression is wrong`() async {
        let bytes = MadeFile().bytes
        var gzip = Packed.gzip(bytes)
        gzip.replaceSubrange(20..<60, with: repeatElement(0xFF, count: 40))
        #expect(isCorrupt(await error(gzip), "decompressed"))
        var frame = Packed.seekable(bytes, frameCount: 500)
        frame.replaceSubrange(6..<40, with: repeatElement(0xFF, count: 34))
        #expect(isCorrupt(await error(frame), "decompressed"))
        // The table's sizes fit the file, but not the frame.
        let packed = Packed.zstandard(bytes)
        for count in [bytes.count - 1, bytes.count + 1] {
            let entry = Packed.little(packed.count) + Packed.little(count)
            let file = packed + Packed.table(entries: entry, count: 1)
            #expect(isCorrupt(await error(file), "decompressed"))
        }
    }
}

@Suite struct `A decompression bomb` {
    /// A block of zeros, smaller than a real bomb so that the test is fast.
    private var bomb: [UInt8] {
        let file = MadeFile()
        return file.header + file.block("DATA", [UInt8](repeating: 0, count: 8 << 20)) + file.end
    }

    @Test func `stops at the bound on decompressed bytes`() async {
        var limits = BlendReader.Limits()
        limits.unpackedBytesMax = 1 << 20
        for packed in [
            Packed.gzip(bomb), Packed.zstandard(bomb),
            Packed.seekable(bomb, frameCount: 2 << 20),
        ] {
            await #expect(throws: BlendFileError.tooLarge(.unpackedBytes(1 << 20))) {
                try await BlendReader.summary(of: BytesInMemory(packed), limits: limits)
            }
        }
    }

    @Test func `of blocks, scenes, reads or bytes stops at each bound`() async {
        var file = MadeFile(scenes: (0..<50).map { MadeScene(name: "\($0)") })
        file.rest = (0..<500).map { _ in ("DATA", [UInt8](repeating: 0, count: 100)) }
        // Without its end, the reader walks through the whole file.
        let bytes = Array(file.bytes.dropLast(file.end.count))
        var blocks = BlendReader.Limits()
        blocks.blocksMax = 300
        var scenes = BlendReader.Limits()
        scenes.scenesMax = 20
        var reads = BlendReader.Limits()
        reads.readsMax = 10
        reads.windowBytes = 256
        reads.windowBytesMax = 512
        var bytesRead = BlendReader.Limits()
        bytesRead.bytesReadMax = 10_000
        bytesRead.windowBytes = 256
        let rows: [(BlendReader.Limits, BlendFileError.Bound)] = [
            (blocks, .blocks(300)), (scenes, .scenes(20)), (reads, .reads(10)),
            (bytesRead, .bytesRead(10_000)),
        ]
        for (limits, bound) in rows {
            await #expect(throws: BlendFileError.tooLarge(bound)) {
                try await BlendReader.summary(of: BytesInMemory(bytes), limits: limits)
            }
        }
    }
}
