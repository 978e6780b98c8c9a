import Archive
import Farm
import FarmTesting
import Foundation
import Synchronization
import Testing

@Suite struct `An archive` {
    @Test func `is unpacked as it was packed`() async throws {
        let noise = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
        let bytes = try await zip([
            ("scene.blend", noise), ("textures/Straße 木.png", [1, 2, 3]), ("empty.txt", []),
        ])
        let files = try await Unpacked(bytes).files
        #expect(
            Set(files.keys) == ["scene.blend", "textures/", "textures/Straße 木.png", "empty.txt"])
        #expect(files["scene.blend"] == noise)
        #expect(files["textures/Straße 木.png"] == [1, 2, 3])
    }

    @Test func `may be a tar, with folders and names that stay inside`() async throws {
        var tar = MadeTar()
        tar.add("./", [], .folder)
        tar.add("./scene.blend", [7])
        tar.add("a/b/../c.png".replacing("../", with: "./"), [8])
        tar.add("windows\\style.png", [9])
        tar.add("__MACOSX/._scene.blend", [0])
        tar.add("a/._c.png", [0])
        let files = try await Unpacked(tar.bytes).files
        #expect(
            files == [
                "scene.blend": [7], "a/": [], "a/b/": [], "a/b/c.png": [8], "windows/": [],
                "windows/style.png": [9],
            ])
    }

    @Test func `is read by ranges: of large files only the heads`() async throws {
        let large = [UInt8](repeating: 0, count: 20 << 20)
        let bytes = try await zip((0..<3).map { ("\($0).png", large) } + [("s.blend", [1])])
        let read = Mutex(0)
        let listing = try await ArchiveReader.pass(over: Int64(bytes.count)) { range in
            read.withLock { $0 += range.count }
            return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
        } _: { (reader) throws(ArchiveError) in
            while try reader.next() != nil {}
            return reader.listing
        }
        #expect(listing.files == ["0.png", "1.png", "2.png", "s.blend"])
        #expect(read.withLock { $0 } < 1 << 20, "of 60 MiB")
    }

    @Test func `whose bytes can't be had is no bad archive`() async throws {
        let bytes = try await zip([("s.blend", [1])])
        let problem = PortError(.unavailable, "read scene a.zip", "S3 is busy")
        await #expect(throws: ArchiveError.world(problem)) {
            try await ArchiveReader.pass(over: Int64(bytes.count)) {
                (_) async throws(PortError) in
                throw problem
            } _: { (reader) throws(ArchiveError) in
                _ = try reader.next()
            }
        }
    }

    @Test func `is not read to its end once nobody waits for it`() async throws {
        let bytes = try await zip([("s.blend", [1])])
        let gate = ScriptedServer.Gate()
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: ArchiveError.canceled) {
                    try await ArchiveReader.pass(over: Int64(bytes.count)) {
                        (_) async throws(PortError) in
                        gate.open()
                        do { try await Task.sleep(for: .seconds(60)) } catch {}
                        throw PortError(.unavailable, "read", "canceled")
                    } _: { (reader) throws(ArchiveError) in
                        _ = try reader.next()
                    }
                }
            }
            await gate.opened()
            group.cancelAll()
        }
    }
}

@Suite struct `A hostile archive` {
    /// What each entry is, and the words of its refusal.
    static let entries: [(name: String, kind: MadeTar.Kind, link: String, words: String)] = [
        ("../x", .file, "", "../x"), ("a/../../x", .file, "", "outside"),
        ("/etc/cron.d/x", .file, "", "outside"), ("C:\\x", .file, "", "outside"),
        ("..\\x", .file, "", "outside"), ("../x", .folder, "", "outside"),
        ("out", .symbolicLink, "/etc", "is a link"), ("out", .symbolicLink, "a", "is a link"),
        ("out", .hardLink, "/etc/passwd", "is a link"), ("zero", .device, "", "no file or folder"),
        ("pipe", .pipe, "", "no file or folder"), ("a", .file, "", "twice"),
        ("a/b", .file, "", "twice"), ("./a", .folder, "", "twice"),
        ("new\nline", .file, "", "name"),
    ]

    @Test(arguments: entries)
    func `is refused by the entry's name, and nothing of it stays`(
        _ entry: (name: String, kind: MadeTar.Kind, link: String, words: String)
    ) async throws {
        var tar = MadeTar()
        tar.add("a", [1])
        tar.add(entry.name, entry.kind == .file ? [2] : [], entry.kind, link: entry.link)
        let error = await #expect(throws: ArchiveError.self) { try await Unpacked(tar.bytes) }
        guard case .refused(let refusal) = try #require(error) else {
            Issue.record("\(String(describing: error)) blames the machine.")
            return
        }
        #expect(refusal.description.contains(entry.words))
    }

    @Test func `is refused when it holds too much, by number, ratio or size`() async throws {
        var limits = ProjectLimits()
        limits.entriesMax = 3
        let many = try await zip((0..<4).map { ("\($0)", []) })
        await #expect(throws: ArchiveError.refused(.tooManyEntries(max: 3))) {
            try await Unpacked(many, limits: limits)
        }
        limits = ProjectLimits()
        limits.bytesFree = 1 << 20
        let bomb = try await zip([("bomb.blend", [UInt8](repeating: 0, count: 32 << 20))])
        #expect(bomb.count < 100_000)
        let max = max(1 << 20, Int64(bomb.count) * limits.ratioMax)
        await #expect(throws: ArchiveError.refused(.tooLarge("bomb.blend", max: max))) {
            try await Unpacked(bomb, limits: limits)
        }
        limits.ratioMax = 100_000
        limits.bytesMax = 31 << 20
        await #expect(throws: ArchiveError.refused(.tooLarge("bomb.blend", max: 31 << 20))) {
            try await Unpacked(bomb, limits: limits)
        }
    }

    @Test func `is refused by what comes out of it when its stated size is a lie`() async throws {
        var bomb = try await zip([("bomb.blend", [UInt8](repeating: 0, count: 0x200_3039))])
        // As a zip's heads have it: the last byte first.
        while let place = bomb.firstRange(of: [0x39, 0x30, 0x00, 0x02]) {
            bomb.replaceSubrange(place, with: [16, 0, 0, 0])
        }
        var limits = ProjectLimits()
        limits.bytesFree = 1 << 20
        await #expect(throws: ArchiveError.self) { try await Unpacked(bomb, limits: limits) }
    }

    @Test func `of no entries unpacks to nothing`() async throws {
        #expect(try await Unpacked(MadeTar().bytes).files.isEmpty)
        // libarchive takes a zip without entries for none.
        await #expect(throws: ArchiveError.self) { try await Unpacked(try await zip([])) }
    }

    @Test func `that breaks off is refused wherever it does`() async throws {
        let whole = try await zip([("s.blend", Array(0..<200)), ("t/a.png", [1, 2, 3])])
        for count in stride(from: 0, to: whole.count, by: 7) {
            await #expect(throws: ArchiveError.self, "cut off at byte \(count)") {
                try await Unpacked(Array(whole.prefix(count)))
            }
        }
        var tar = MadeTar()
        tar.add("s.blend", [1, 2, 3], byteCount: 5000)
        await #expect(throws: ArchiveError.self) {
            try await Unpacked(Array(tar.entries))
        }
    }

    @Test func `with any byte wrong ends in an error or stays in its folder`() async throws {
        var tar = MadeTar()
        tar.add("a/scene.blend", Array(0..<100))
        tar.add("link", [], .symbolicLink, link: "/etc")
        let seeds = [tar.bytes, try await zip([("a/scene.blend", Array(0..<100)), ("b", [1])])]
        var chance = SeededGenerator(seed: 7)
        for round in 0..<400 {
            var bytes = seeds[round % 2]
            for _ in 0..<Int.random(in: 1...4, using: &chance) {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] =
                    UInt8.random(in: 0...255, using: &chance)
            }
            do {
                _ = try await Unpacked(bytes)
            } catch {
                #expect(error is ArchiveError)
            }
        }
    }
}
