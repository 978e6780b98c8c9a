internal import Archive
internal import BlendFile
package import Farm
internal import FoundationEssentials

/// Inspects a project's archive. It unpacks only the .blends.
package enum ArchiveInspection {
    /// A folder for the .blends during the inspection, created and removed by it, with the limits.
    package struct Scratch: Sendable {
        package let folder: String
        package let limits: ProjectLimits

        package init(_ folder: String, limits: ProjectLimits = ProjectLimits()) {
            self.folder = folder
            self.limits = limits
        }
    }

    /// - Parameters:
    ///   - byteCount: The archive's size.
    ///   - file: The .blend to render, where the archive has several.
    ///   - read: The archive's bytes.
    package static func inspect(
        _ byteCount: Int64, file: String?, in scratch: Scratch,
        read: (Range<Int64>) async throws(PortError) -> [UInt8]
    ) async throws(InspectionStop) -> SceneInspection {
        let (folder, limits) = (scratch.folder, scratch.limits)
        try make(folder)
        defer { remove(folder) }
        let contents: Contents
        do throws(ArchiveError) {
            contents = try await ArchiveReader.pass(over: byteCount, limits: limits, read) {
                (reader) throws(ArchiveError) in
                try Contents(reader, folder: folder, bytesMax: limits.sceneBytesMax)
            }
        } catch {
            switch error {
            case .refused(let refusal): throw .refused(.project(refusal))
            case .world(let error): throw .world(error)
            case .canceled:
                throw .world(
                    PortError(.unavailable, "inspect the archive", "the inspection was canceled"))
            }
        }
        let scene: String
        do {
            scene = try contents.listing.scene(named: file)
        } catch {
            throw .refused(.project(error))
        }
        return try await SceneInspection.project(scene, in: contents.listing, limits: .local) {
            (path) throws(ByteSourceError) in
            try contents.scenes[path].map { (name) throws(ByteSourceError) in
                try LocalFile(path: name)
            }
        }
    }

    /// The contents of an archive, with its .blends unpacked.
    private struct Contents: Sendable {
        let listing: ProjectListing
        /// The path of each .blend on this machine.
        let scenes: [String: String]

        init(_ reader: ArchiveReader, folder: String, bytesMax: Int64) throws(ArchiveError) {
            var scenes: [String: String] = [:]
            var bytesLeft = bytesMax
            while let place = try reader.next() {
                guard case .file(let path) = place, ProjectListing.isScene(path) else { continue }
                let copy = "\(folder)/\(scenes.count).blend"
                bytesLeft -= try reader.write(path, to: copy, bytesMax: bytesLeft)
                scenes[path] = copy
            }
            listing = reader.listing
            self.scenes = scenes
        }
    }

    private static func make(_ folder: String) throws(InspectionStop) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .world(PortError(.disk, "make \(folder)", "\(error)"))
        }
    }

    private static func remove(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            // A Lambda's disk is emptied with its instance. Elsewhere the folder is a temporary
            // one.
        }
    }
}
