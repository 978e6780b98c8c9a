import FoundationEssentials
import Glibc
import SystemPackage
import Testing

@testable import Blender

@Suite struct `The folder that Blender writes to` {
    /// A home, a folder out of Blender's reach, and a secret that Blender must not get.
    private struct Place {
        let home: BlenderHome
        let kept: String
        let secret: String

        init(in directory: String) throws {
            home = BlenderHome(path: "\(directory)/home")
            kept = "\(directory)/kept"
            secret = "\(directory)/secret"
            for path in [home.path, kept, secret] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: false)
            }
            try write([7], to: "\(secret)/picture")
        }

        func link(_ name: String, to target: String) throws {
            try FileManager.default.createSymbolicLink(
                atPath: "\(home.path)/\(name)", withDestinationPath: target)
        }
    }

    @Test func `gives its files away, and keeps a copy where Blender needs one`() async throws {
        try await withDirectory { directory in
            let place = try Place(in: directory)
            try FileManager.default.createDirectory(
                atPath: "\(place.home.path)/a/b", withIntermediateDirectories: true)
            try write([1, 2], to: "\(place.home.path)/a/b/c")
            #expect(try place.home.files(below: "a") == ["b/c"])
            try place.home.take("a/b/c", to: "\(place.kept)/copy", isCopied: true)
            try place.home.take("a/b/c", to: "\(place.kept)/c")
            #expect(try read("\(place.kept)/copy") == [1, 2])
            #expect(try read("\(place.kept)/c") == [1, 2])
            #expect(try place.home.files(below: "a") == [])
            #expect(throws: Errno.noSuchFileOrDirectory) {
                try place.home.take("a/b/c", to: "\(place.kept)/d")
            }
            try place.home.remove("a/b/c")
        }
    }

    @Test func `leads nowhere else by a link`() async throws {
        try await withDirectory { directory in
            let place = try Place(in: directory)
            try place.link("folder", to: place.secret)
            try place.link("picture", to: "\(place.secret)/picture")
            let target = "\(place.kept)/picture"
            for isCopied in [true, false] {
                #expect(throws: Errno.self) {
                    try place.home.take("folder/picture", to: target, isCopied: isCopied)
                }
            }
            #expect(throws: Errno.self) {
                try place.home.take("picture", to: target, isCopied: true)
            }
            #expect(throws: Errno.self) { try place.home.remove("folder/picture") }
            #expect(throws: Errno.self) {
                try place.home.take("folder", to: target, isCopied: true)
            }
            // A link is moved as a link, and the check refuses it.
            try place.home.take("picture", to: target)
            #expect(throws: PictureFault.self) { try PictureFile(path: target) }
            #expect(try read("\(place.secret)/picture") == [7])
        }
    }

    @Test func `gives no folder away, which Blender may have open`() async throws {
        try await withDirectory { directory in
            let place = try Place(in: directory)
            try FileManager.default.createDirectory(
                atPath: "\(place.home.path)/frame", withIntermediateDirectories: false)
            #expect(throws: Errno.isDirectory) {
                try place.home.take("frame", to: "\(place.kept)/frame")
            }
        }
    }

    /// /dev/shm is another file system.
    @Test(arguments: ["/tmp", "/dev/shm"])
    func `takes a file in, and does not write through a link`(_ other: String) async throws {
        try await withDirectory { directory in
            let place = try Place(in: directory)
            let source = "\(other)/blender-home-\(UUID().uuidString)"
            try write([3, 4], to: source)
            try place.link("picture", to: "\(place.secret)/picture")
            try place.home.put(source, as: "picture")
            #expect(try read("\(place.home.path)/picture") == [3, 4])
            #expect(try read("\(place.secret)/picture") == [7])
            #expect(!FileManager.default.fileExists(atPath: source))
            try place.home.take("picture", to: source)
            #expect(try read(source) == [3, 4])
            try FileManager.default.removeItem(atPath: source)
        }
    }
}
