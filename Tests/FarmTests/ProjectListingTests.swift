import Farm
import Testing

@Suite struct `A project's listing` {
    private func listing(_ paths: [String]) throws -> ProjectListing {
        var listing = ProjectListing(archiveByteCount: 1000)
        for path in paths { _ = try listing.add(ProjectEntry(path: path, kind: .file)) }
        return listing
    }

    @Test func `has one scene, or the named one`() throws {
        let one = try listing(["a/x.BLEND", "a/x.blend1", "__MACOSX/a/._x.blend"])
        #expect(try one.scene(named: nil) == "a/x.BLEND")
        let two = try listing(["x.blend", "a/x.blend", "a/y.blend"])
        #expect(try two.scene(named: "y.blend") == "a/y.blend")
        #expect(try two.scene(named: "x.blend") == "x.blend", "a whole path comes first")
        #expect(throws: ProjectRefusal.manyScenes(["a/x.blend", "a/y.blend", "x.blend"])) {
            try two.scene(named: nil)
        }
        #expect(throws: ProjectRefusal.unknownScene("z.blend", known: one.scenes)) {
            try one.scene(named: "z.blend")
        }
        #expect(throws: ProjectRefusal.noScene) { try listing(["a"]).scene(named: nil) }
    }

    @Test func `refuses entries that can't be unpacked, with their names`() throws {
        var listing = try listing(["a/b"])
        let long = String(repeating: "x", count: 256)
        let refused: [(ProjectEntry, ProjectRefusal)] = [
            (ProjectEntry(path: nil, kind: .file), .unreadableName(number: 2)),
            (ProjectEntry(path: "a/../b", kind: .file), .escapes("a/../b")),
            (ProjectEntry(path: long, kind: .file), .pathTooLong(long)),
            (ProjectEntry(path: "a/b", kind: .file), .twice("a/b")),
            (ProjectEntry(path: "a", kind: .file), .twice("a")),
            (ProjectEntry(path: "a/b/c", kind: .folder), .twice("a/b")),
            (ProjectEntry(path: "l", kind: .link), .link("l")),
            (ProjectEntry(path: "p", kind: .special), .special("p")),
            (ProjectEntry(path: "e", kind: .file, isEncrypted: true), .encrypted("e")),
            (
                ProjectEntry(path: "big", kind: .file, byteCount: .max),
                .tooLarge("big", max: ProjectLimits().bytesFree)
            ),
        ]
        for (entry, refusal) in refused {
            #expect(throws: refusal) { try listing.add(entry) }
            #expect(refusal.description.hasSuffix("."))
        }
        #expect(listing.files == ["a/b"])
    }

    @Test func `allows a size that depends on the archive, and a small size always`() throws {
        var limits = ProjectLimits()
        limits.bytesFree = 1000
        limits.ratioMax = 10
        var small = ProjectListing(archiveByteCount: 50, limits: limits)
        try small.count(1000, of: "a")
        #expect(throws: ProjectRefusal.tooLarge("b", max: 1000)) { try small.count(1, of: "b") }
        var large = ProjectListing(archiveByteCount: 1000, limits: limits)
        try large.count(10_000, of: "a")
        #expect(throws: ProjectRefusal.tooLarge("a", max: 10_000)) { try large.count(1, of: "a") }
    }

    @Test func `shows as many missing files as fit and counts all`() throws {
        let many = try #require(MissingFiles((0..<2000).map { "//textures/\($0).png" }))
        #expect(many.count == 2000 && many.shown.count < 2000)
        #expect(many.description.hasSuffix(" and \(2000 - many.shown.count) more"))
        #expect(many.description.utf8.count < 8000, "the reason's bound in the table")
        #expect(MissingFiles([]) == nil)
    }
}
