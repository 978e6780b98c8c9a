import Farm
import FarmOnAWS
import Foundation
import Testing

@Suite struct `A folder that files are downloaded into` {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "download-\(UUID())").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: folder + "/extras", withIntermediateDirectories: true)
        let result = Result { try body(folder) }
        try FileManager.default.removeItem(atPath: folder)
        try result.get()
    }

    @Test func `has a place for each of a job's files`() throws {
        try inFolder { folder in
            let target = DownloadFolder(path: folder)
            for name in ["frame_0001.png", "extras/Depth/0001.exr", "new/deep/er.png"] {
                let path = try target.path(of: name)
                #expect(path == folder + "/" + name)
            }
        }
    }

    @Test(arguments: [
        ("extras/../../../.bashrc", RelativePath.Refusal.escapes), ("/etc/passwd", .escapes),
        ("extras//x", .empty), ("a\u{1B}]0;x\u{7}", .controlByte), ("../\u{308}x", .escapes),
    ])
    func `refuses a name that leads elsewhere`(
        _ name: String, _ refusal: RelativePath.Refusal
    ) throws {
        try inFolder { folder in
            #expect(throws: DownloadFolder.Refusal.name(name, refusal)) {
                try DownloadFolder(path: folder).path(of: name)
            }
        }
    }

    @Test(arguments: ["extras/link/x.png", "extras/link", "extras/dangling"])
    func `follows no link below it`(_ name: String) throws {
        try inFolder { folder in
            let files = FileManager.default
            try files.createSymbolicLink(
                atPath: folder + "/extras/link", withDestinationPath: "/tmp")
            try files.createSymbolicLink(
                atPath: folder + "/extras/dangling", withDestinationPath: "/nowhere")
            #expect(throws: DownloadFolder.Refusal.self) {
                try DownloadFolder(path: folder).path(of: name)
            }
        }
    }

    @Test func `follows no link in place of an unfinished file`() throws {
        try inFolder { folder in
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/frame.png.part", withDestinationPath: "/tmp/elsewhere")
            #expect(throws: DownloadFolder.Refusal.link(folder + "/frame.png")) {
                try DownloadFolder(path: folder).path(of: "frame.png")
            }
        }
    }
}
