import Archive
import Farm
import FarmTesting
import Foundation
import Testing

/// An archive unpacked into a folder that is removed when the test ends.
struct Unpacked {
    /// The bytes of each file, by its path in the folder.
    let files: [String: [UInt8]]

    init(
        _ bytes: [UInt8], limits: ProjectLimits = ProjectLimits()
    ) async throws {
        let outer = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID())")
        try FileManager.default.createDirectory(at: outer, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: outer) } }
        let archive = outer.appending(path: "archive")
        try Data(bytes).write(to: archive)
        let folder = outer.appending(path: "a/project")
        do {
            try await ArchiveReader.unpack(archive.path(), limits: limits, into: folder.path())
        } catch {
            #expect(!FileManager.default.fileExists(atPath: folder.path()))
            #expect(try Self.paths(in: outer).filter { $0 != "archive" && $0 != "a" } == [])
            throw error
        }
        #expect(try Self.paths(in: outer).allSatisfy { $0 == "archive" || $0.hasPrefix("a") })
        var files: [String: [UInt8]] = [:]
        for path in try Self.paths(in: folder) {
            let place = folder.appending(path: path)
            let attributes = try FileManager.default.attributesOfItem(
                atPath: place.path(percentEncoded: false))
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory: files[path + "/"] = []
            case .typeRegular: files[path] = Array(try Data(contentsOf: place))
            default: Issue.record("\(path) is neither file nor folder.")
            }
        }
        self.files = files
    }

    private static func paths(in folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
    }
}

/// A zip of these files, like a user's.
func zip(_ files: [(name: String, bytes: [UInt8])]) async throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "zip-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
    var places: [(name: String, path: String)] = []
    for (index, file) in files.enumerated() {
        let place = folder.appending(path: "\(index)")
        try Data(file.bytes).write(to: place)
        places.append((file.name, place.path()))
    }
    let archive = folder.appending(path: "a.zip")
    try await ArchiveWriter.zip(places, to: archive.path())
    return Array(try Data(contentsOf: archive))
}
