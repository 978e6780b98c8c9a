import Archive
import Farm
import FarmTesting
import Foundation
import Synchronization
import Testing

@Suite struct `An archive` {
    @Test func `is unpacked to the packed files`() async throws {
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

    @Test func `may be a tar with folders and relative names`() async throws {
        var tar = MadeTar()
        tar.add(MadeTar.Entry("./", [], .folder))
        tar.add(MadeTar.Entry("./scene.blend", [7]))
        tar.add(MadeTar.Entry("a/b/../c.png".replacing("../", with: "./"), [8]))
        tar.add(MadeTar.Entry("windows\\style.png", [9]))
        tar.add(MadeTar.Entry("__MACOSX/._scene.blend", [0]))
        tar.add(MadeTar.Entry("a/._c.png", [0]))
        let files = try await Unpacked(tar.bytes).files
        #expect(
            files == [
                "scene.blend": [7], "a/": [], "a/b/": [], "a/b/c.png": [8], "windows/": [],
                "windows/style.png": [9],
            ])
    }

    @Test func `is read in ranges: of large files, only the headers`() async throws {
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

    @Test func `whose bytes could not be read is not reported as damaged`() async throws {
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

    @Test func `is not read to its end after its task is canceled`() async throws {
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
    /// Each entry with a part of its refusal's text.
    static let entries: [(name: String, kind: MadeTar.Kind, link: String, words: String)] = [
        ("../x", .file, "", "../x"), ("a/../../x", .file, "", "outside"),
        ("/etc/cron.d/x", .file, "", "outside"), ("C:\\x", .file, "", "outside"),
        ("..\\x", .file, "", "outside"), ("../x", .folder, "", "outside"),
        ("out", .symbolicLink, "/etc", "is a link"), ("out", .symbolicLink, "a", "is a link"),
        ("out", .hardLink, "/etc/passwd", "is a link"),
        ("zero", .device, "", "neither a file nor a folder"),
        ("pipe", .pipe, "", "neither a file nor a folder"), ("a", .file, "", "twice"),
        ("a/b", .file, "", "twice"), ("./a", .folder, "", "twice"),
        ("new\nline", .file, "", "name"),
    ]

    @Test(arguments: entries)
    func `is refused with the entry's name, and leaves no files`(
        _ entry: (name: String, kind: MadeTar.Kind, link: String, words: String)
    ) async throws {
        var tar = MadeTar()
        tar.add(MadeTar.Entry("a", [1]))
        tar.add(
            MadeTar.Entry(entry.name, entry.kind == .file ? [2] : [], entry.kind, link: entry.link))
        let error = await #expect(throws: ArchiveError.self) { try await Unpacked(tar.bytes) }
        guard case .refused(let refusal) = try #require(error) else {
            Issue.record("\(String(describing: error)) blames the machine.")
            return
        }
        #expect(refusal.description.contains(entry.words))
    }

    @Test func `is refused for too many entries, a high ratio or a large size`() async throws {
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

    @Test func `is refused by its real size when the stated size is wrong`() async throws {
        var bomb = try await zip([("bomb.blend", [UInt8](repeating: 0, count: 0x200_3039))])
        // As in a zip's headers, little-endian.
        while let place = bomb.firstRange(of: [0x39, 0x30, 0x00, 0x02]) {
            bomb.replaceSubrange(place, with: [16, 0, 0, 0])
        }
        var limits = ProjectLimits()
        limits.bytesFree = 1 << 20
        await #expect(throws: ArchiveError.self) { try await Unpacked(bomb, limits: limits) }
    }

    @Test func `without entries unpacks to nothing`() async throws {
        #expect(try await Unpacked(MadeTar().bytes).files.isEmpty)
        // libarchive does not recognize a zip without entries.
        await #expect(throws: ArchiveError.self) { try await Unpacked(try await zip([])) }
    }

    @Test func `that breaks off anywhere is refused`() async throws {
        let whole = try await zip([("s.blend", Array(0..<200)), ("t/a.png", [1, 2, 3])])
        for count in stride(from: 0, to: whole.count, by: 7) {
            await #expect(throws: ArchiveError.self, "cut off at byte \(count)") {
                try await Unpacked(Array(whole.prefix(count)))
            }
        }
        var tar = MadeTar()
        tar.add(MadeTar.Entry("s.blend", [1, 2, 3], byteCount: 5000))
        await #expect(throws: ArchiveError.self) {
            try await Unpacked(Array(tar.entries))
        }
    }

    @Test func `with any wrong byte ends in an error or stays in its folder`() async throws {
        var tar = MadeTar()
        tar.add(MadeTar.Entry("a/scene.blend", Array(0..<100)))
        tar.add(MadeTar.Entry("link", [], .symbolicLink, link: "/etc"))
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
