import Farm
import Testing

@Suite struct `A stored project` {
    private static let hash = String(repeating: "0a", count: 32)
    private static let other = String(repeating: "1b", count: 32)

    private func listing(_ files: String..., version: String = "1") -> [UInt8] {
        Array(
            """
            {"version":\(version),"scene":"film/s.blend","files":[\(files.joined(separator: ","))]}
            """.utf8)
    }

    private func file(
        _ path: String, _ sha256: String = Self.hash, size: String = "3"
    ) -> String {
        #"{"path":"\#(path)","sha256":"\#(sha256)","size":\#(size)}"#
    }

    private func refusal(
        _ json: [UInt8], _ limits: ProjectLimits = ProjectLimits()
    ) -> ProjectRefusal? {
        #expect(throws: ProjectRefusal.self) { try StoredProject(json: json, limits: limits) }
    }

    @Test func `is read as it is written, and written the same in any order`() throws {
        let json = listing(
            file("wood.png", Self.other, size: "0"), file("film/s.blend"), file("film/b.blend"))
        let project = try StoredProject(json: json)
        #expect(project.scene == "film/s.blend" && project.files.count == 3)
        #expect(project.listing.scenes == ["film/b.blend", "film/s.blend"])
        #expect(project.files["wood.png"]?.key == "files/" + Self.other)
        #expect(project.contents.map(\.path) == ["film/b.blend", "wood.png"], "each content once")
        let again = try StoredProject(
            scene: "film/s.blend",
            files: project.files.sorted { $0.key > $1.key }.map { ($0.key, $0.value) })
        #expect(again == project && again.json == project.json)
        #expect(
            String(decoding: project.json, as: UTF8.self).hasPrefix(
                #"{"files":[{"path":"film/b.blend","sha256":"\#(Self.hash)","size":3},"#))
        #expect(try StoredProject(json: project.json) == project)
    }

    @Test func `follows the rules of every project's files`() throws {
        let scene = file("film/s.blend")
        #expect(refusal(listing(scene, file("../x"))) == .escapes("../x"))
        #expect(refusal(listing(scene, file("/etc/passwd"))) == .escapes("/etc/passwd"))
        #expect(refusal(listing(scene, file(#"a\\..\\..\\x"#))) == .escapes(#"a\..\..\x"#))
        #expect(refusal(listing(scene, scene)) == .twice("film/s.blend"))
        #expect(refusal(listing(scene, file("film/s.blend/x"))) == .twice("film/s.blend"))
        #expect(refusal(listing(scene, file(#"a\u0000b"#))) == .unreadableName(number: 2))
        var limits = ProjectLimits()
        limits.entriesMax = 1
        #expect(refusal(listing(scene, file("a")), limits) == .tooManyEntries(max: 1))
        limits = ProjectLimits()
        #expect(
            refusal(listing(scene, file("a", Self.other, size: "\(Int64.max)")))
                == .tooLarge("a", max: limits.bytesMax))
        limits.bytesMax = 5
        #expect(refusal(listing(scene, file("a")), limits) == .tooLarge("a", max: 5))
    }

    @Test func `has a scene, which is one of its .blend files`() {
        #expect(
            refusal(listing(file("a.blend")))
                == .unknownScene("film/s.blend", known: ["a.blend"]))
        #expect(refusal(listing()) == .unknownScene("film/s.blend", known: []))
    }

    @Test(arguments: [
        String(repeating: "0a", count: 31), String(repeating: "0A", count: 32),
        String(repeating: "0a", count: 31) + "/x", String(repeating: "é", count: 32), "",
        "../" + String(repeating: "0", count: 61),
    ])
    func `accepts only complete hashes`(_ hash: String) {
        guard case .listing(let reason) = refusal(listing(file("film/s.blend", hash))) else {
            Issue.record("It was taken.")
            return
        }
        #expect(reason.contains("“film/s.blend”"))
    }

    @Test(arguments: ["-1", "1.5", "1e30", "9223372036854775808", "\"3\"", "null"])
    func `accepts only possible sizes`(_ size: String) {
        guard case .listing = refusal(listing(file("film/s.blend", size: size))) else {
            Issue.record("It was taken.")
            return
        }
    }

    @Test func `has one size for each hash`() {
        let json = listing(file("film/s.blend"), file("b", size: "4"))
        guard case .listing(let reason) = refusal(json) else {
            Issue.record("It was taken.")
            return
        }
        #expect(reason.contains("“b”"))
    }

    @Test func `of another version is refused by its version, and invalid data as invalid`() {
        #expect(
            refusal(Array(#"{"version":2,"pages":[]}"#.utf8))
                == .listing("its version is 2, not 1"))
        for text in ["", "[]", "{}", "BLENDER-v304", #"{"version":1}"#, "\u{0}"] {
            guard case .listing = refusal(Array(text.utf8)) else {
                Issue.record("It was taken: \(text)")
                return
            }
        }
        let deep = String(repeating: "[", count: 100_000)
        guard case .listing = refusal(Array(deep.utf8)) else {
            Issue.record("Depth was taken.")
            return
        }
        var limits = ProjectLimits()
        limits.listingBytesMax = 100
        #expect(
            refusal(listing(file("film/s.blend")), limits)
                == .listing("it has more than 100 bytes"))
    }

    @Test func `is recognized by its name, and its files are not uploads`() throws {
        #expect(UploadKind(name: "film.project") == .listing)
        #expect(UploadKind(name: "film.zip") == .project)
        let stored = try #require(StoredFile(sha256: Self.hash, byteCount: 3))
        #expect(UploadKind(name: stored.key) == nil)
    }
}
