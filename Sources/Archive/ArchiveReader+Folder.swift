internal import BlendFile
package import Farm
internal import FoundationEssentials

extension ArchiveReader {
    /// Unpacks a local archive into `folder`. Creates the folder, and removes it after an error.
    package static func unpack(
        _ path: String, limits: ProjectLimits = ProjectLimits(), into folder: String
    ) async throws(ArchiveError) {
        let file: LocalFile
        do {
            file = try LocalFile(path: path)
        } catch {
            throw .world(PortError(.disk, "read \(path)", error.message))
        }
        try await pass(over: file.byteCount, limits: limits) { (range) async throws(PortError) in
            do throws(ByteSourceError) {
                return try await file.read(range)
            } catch {
                throw PortError(.disk, "read \(path)", error.message)
            }
        } _: { (reader) throws(ArchiveError) in
            try reader.unpack(into: folder)
        }
    }

    /// Unpacks the whole archive into `folder`. Creates the folder, and removes it after an error.
    package func unpack(into folder: String) throws(ArchiveError) {
        do throws(ArchiveError) {
            try make(folder)
            while let place = try next() {
                switch place {
                case .folder(let path):
                    try make(folder + "/" + path)
                case .file(let path):
                    // An archive may lack entries for its files' folders.
                    try make(RelativePath.folder(of: folder + "/" + path))
                    try write(path, to: folder + "/" + path)
                }
            }
        } catch {
            remove(folder)
            throw error
        }
    }

    private func make(_ folder: String) throws(ArchiveError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .world(PortError(.disk, "unpack to \(folder)", "\(error)"))
        }
    }

    private func remove(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            // The first error is the one to report. The next attempt removes what is left.
        }
    }
}
