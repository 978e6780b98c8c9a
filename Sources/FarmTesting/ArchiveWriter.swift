package import Archive
internal import BlendFile
internal import CArchive
internal import Farm
internal import Glibc

/// Packs files into a .zip as a user does, with libarchive.
package enum ArchiveWriter {
    private static let pieceCount: Int64 = 4 << 20
    /// Compressed formats: deflating them again takes long and saves nothing.
    private static let packedEndings = [
        ".png", ".jpg", ".jpeg", ".exr", ".webp", ".mp4", ".mov", ".mkv", ".mp3", ".ogg",
    ]

    /// Blocks while it packs.
    ///
    /// - Parameter files: The path of each file in the archive, and its path on this machine.
    package static func zip(
        _ files: [(name: String, path: String)], to path: String
    ) async throws(ArchiveError) {
        guard let archive = unsafe archive_write_new() else {
            throw .world(PortError(.unavailable, "write an archive", "there is no memory"))
        }
        defer { unsafe archive_write_free(archive) }
        unsafe archive_write_set_format_zip(archive)
        unsafe try check(archive_write_open_filename(archive, path), archive, path)
        for file in files {
            unsafe try await add(file, to: archive)
        }
        unsafe try check(archive_write_close(archive), archive, path)
    }

    private static func add(
        _ file: (name: String, path: String), to archive: OpaquePointer
    ) async throws(ArchiveError) {
        do throws(ByteSourceError) {
            let source = try LocalFile(path: file.path)
            unsafe try writeHeader(file.name, source.byteCount, to: archive)
            var offset: Int64 = 0
            while offset < source.byteCount {
                let piece = try await source.read(
                    offset..<min(offset + pieceCount, source.byteCount))
                let count = unsafe archive_write_data(archive, piece, piece.count)
                guard count == piece.count else {
                    throw unsafe failed(archive, file.name)
                }
                offset += Int64(count)
            }
        } catch {
            throw .world(PortError(.disk, "pack \(file.path)", error.message))
        }
    }

    private static func writeHeader(
        _ name: String, _ byteCount: Int64, to archive: OpaquePointer
    ) throws(ByteSourceError) {
        let entry = unsafe archive_entry_new()
        defer { unsafe archive_entry_free(entry) }
        unsafe archive_entry_set_pathname(entry, name)
        unsafe archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
        unsafe archive_entry_set_perm(entry, 0o644)
        unsafe archive_entry_set_size(entry, byteCount)
        // The same files give the same archive.
        unsafe archive_entry_set_mtime(entry, 0, 0)
        let isPacked = packedEndings.contains(where: name.lowercased().hasSuffix)
        _ =
            isPacked
            ? unsafe archive_write_zip_set_compression_store(archive)
            : unsafe archive_write_zip_set_compression_deflate(archive)
        // libarchive sets the UTF-8 flag by the thread's locale.
        let status = UTF8Names.during { unsafe archive_write_header(archive, entry) }
        guard status == ARCHIVE_OK else { throw unsafe failed(archive, name) }
    }

    private static func check(
        _ status: CInt, _ archive: OpaquePointer, _ path: String
    ) throws(ArchiveError) {
        guard status == ARCHIVE_OK else {
            throw .world(PortError(.disk, "write \(path)", unsafe failed(archive, path).message))
        }
    }

    private static func failed(_ archive: OpaquePointer, _ name: String) -> ByteSourceError {
        let text = unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
        return ByteSourceError(text ?? "\(name) could not be written", isRetryable: false)
    }
}
