import Farm
import Testing

@Suite struct `A path below a folder` {
    @Test(arguments: ["a", "a/b.png", "extras/Depth/0001.exr", "…", "ä/ö", "..a/b..", ".hidden"])
    func `keeps its names`(_ text: String) throws {
        let path = try RelativePath(text)
        #expect(path.names == text.split(separator: "/").map(String.init))
        #expect(path.description == text)
    }

    @Test(arguments: [
        ("", RelativePath.Refusal.empty), ("a//b", .empty), ("a/", .empty),
        ("/a", .escapes), ("/", .escapes), ("..", .escapes), ("a/../b", .escapes),
        ("extras/../../../.bashrc", .escapes), (".", .escapes), ("a/./b", .escapes),
        ("a\nb", .controlByte), ("a/\u{1B}[31m", .controlByte), ("a\u{7F}", .controlByte),
        ("a\0b", .controlByte),
        (String(repeating: "n", count: 256), .tooLong),
        (String(repeating: "ä", count: 128), .tooLong),
        (String(repeating: "n/", count: 512) + "n", .tooLong),
    ])
    func `is refused when it is not one`(_ text: String, _ refusal: RelativePath.Refusal) {
        #expect(throws: refusal) { try RelativePath(text) }
    }

    /// In Swift a slash and a combining mark are one character; on a disk the slash ends a name.
    @Test(arguments: ["../\u{308}x", "a/..\u{2F}\u{301}b", "..\u{2F}\u{20D2}"])
    func `is split where a disk splits it`(_ text: String) {
        #expect(throws: RelativePath.Refusal.escapes) { try RelativePath(text) }
    }

    @Test func `has a folder`() {
        #expect(RelativePath.folder(of: "a/b/c") == "a/b")
        #expect(RelativePath.folder(of: "c") == "")
        #expect(RelativePath.folder(of: "a/\u{308}x") == "a")
    }
}

@Suite struct `A project's path` {
    /// Zip slip by Unicode: each of these names a file outside the project on a disk.
    @Test(arguments: [
        "../\u{308}x", "a/../../\u{301}x", "..\\\u{308}x", "textures/../\u{20D2}../x",
    ])
    func `does not leave the project by a combining mark`(_ path: String) {
        var listing = ProjectListing(archiveByteCount: 1_000)
        #expect(throws: ProjectRefusal.escapes(path)) {
            try listing.add(ProjectEntry(path: path, kind: .file))
        }
    }

    @Test func `has its limits in bytes`() {
        var listing = ProjectListing(archiveByteCount: 1_000)
        let name = "e" + String(repeating: "\u{301}", count: 200)
        #expect(name.count == 1)
        #expect(throws: ProjectRefusal.pathTooLong(name)) {
            try listing.add(ProjectEntry(path: name, kind: .file))
        }
    }
}
