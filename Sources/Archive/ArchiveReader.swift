internal import CArchive
package import Farm
internal import Glibc

/// Reads an archive (.zip or .tar.gz) once, entry by entry, with libarchive.
///
///     open ─▶ next ─▶ (write | nothing) ─▶ next ─▶ … ─▶ nil
///
/// `ProjectListing` decides which entries are allowed, before an entry is used. Only files and
/// folders are created, below an empty folder, so no link can lead out of it.
///
/// Memory safety: the C object lives as long as this one, on one thread, and is freed before its
/// feed.
@safe package final class ArchiveReader {
    private static let pieceCount = 1 << 20

    private let archive: OpaquePointer
    private let feed: ArchiveFeed
    package private(set) var listing: ProjectListing
    private var piece = [UInt8](repeating: 0, count: pieceCount)

    /// Runs `body` on a thread of its own with the archive whose bytes `read` returns.
    ///
    /// - Parameter byteCount: the archive's size in bytes.
    package static func pass<Answer: Sendable>(
        over byteCount: Int64, limits: ProjectLimits = ProjectLimits(),
        _ read: (Range<Int64>) async throws(PortError) -> [UInt8],
        _ body: @escaping @Sendable (ArchiveReader) throws(ArchiveError) -> Answer
    ) async throws(ArchiveError) -> Answer {
        let result = await BlockingReads.serve(read) { reads -> Result<Answer, ArchiveError> in
            UTF8Names.during {
                Result { () throws(ArchiveError) in
                    try body(
                        try ArchiveReader(
                            ArchiveFeed(reads, byteCount: byteCount),
                            ProjectListing(archiveByteCount: byteCount, limits: limits)))
                }
            }
        }
        return try result.get()
    }

    private init(_ feed: ArchiveFeed, _ listing: ProjectListing) throws(ArchiveError) {
        guard let archive = unsafe archive_read_new() else {
            throw .world(PortError(.unavailable, "read an archive", "there is no memory"))
        }
        unsafe self.archive = unsafe archive
        self.feed = feed
        self.listing = listing
        unsafe archive_read_support_filter_gzip(archive)
        unsafe archive_read_support_format_tar(archive)
        // Read by its directory, as other programs do. The bytes between its files are ignored.
        unsafe archive_read_support_format_zip_seekable(archive)
        try check(unsafe feed.open(archive))
    }

    deinit {
        unsafe archive_read_free(archive)
    }

    /// The path of the next file or folder, or `nil` at the end.
    package func next() throws(ArchiveError) -> ProjectListing.Place? {
        while true {
            var entry: OpaquePointer?
            let status = unsafe archive_read_next_header(archive, &entry)
            feed.hasFirstEntry = true
            if status == ARCHIVE_EOF { return nil }
            // For a name that can't be read, libarchive gives a warning and no name.
            if status != ARCHIVE_WARN { try check(status) }
            guard let entry = unsafe entry else { continue }
            let described = unsafe describe(entry)
            do throws(ProjectRefusal) {
                if let place = try listing.add(described) { return place }
            } catch {
                throw .refused(error)
            }
        }
    }

    private func describe(_ entry: OpaquePointer) -> ProjectEntry {
        let path = unsafe archive_entry_pathname(entry).flatMap {
            unsafe String(validatingCString: $0)
        }
        let isHardLink = unsafe archive_entry_hardlink(entry) != nil
        let kind: ProjectEntry.Kind
        switch unsafe archive_entry_filetype(entry) {
        case _ where isHardLink: kind = .link
        case Glibc.S_IFREG: kind = .file
        case Glibc.S_IFDIR: kind = .folder
        case Glibc.S_IFLNK: kind = .link
        default: kind = .special
        }
        let hasSize = unsafe archive_entry_size_is_set(entry) != 0
        return ProjectEntry(
            path: path, kind: kind, byteCount: hasSize ? unsafe archive_entry_size(entry) : nil,
            isEncrypted: unsafe archive_entry_is_encrypted(entry) != 0)
    }

    /// Writes the entry that `next` returned into a new file. Returns its size in bytes.
    @discardableResult
    package func write(
        _ name: String, to path: String, bytesMax: Int64 = .max
    ) throws(ArchiveError) -> Int64 {
        let descriptor = unsafe Glibc.open(
            path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw disk(path, errno) }
        defer { close(descriptor) }
        var total: Int64 = 0
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { piece in
                unsafe archive_read_data(archive, piece.baseAddress, piece.count)
            }
            if count == 0 { return total }
            guard count > 0 else {
                // A warning here means a wrong checksum.
                throw failure
            }
            do throws(ProjectRefusal) {
                try listing.count(count, of: name)
            } catch {
                throw .refused(error)
            }
            total += Int64(count)
            guard total <= bytesMax else { throw .refused(.scenesTooLarge(max: bytesMax)) }
            try write(count, to: descriptor, path)
        }
    }

    private func write(
        _ count: Int, to descriptor: CInt, _ path: String
    ) throws(ArchiveError) {
        var done = 0
        while done < count {
            let written = unsafe piece.withUnsafeBytes { piece in
                unsafe Glibc.write(
                    descriptor, piece.baseAddress.map { unsafe $0 + done }, count - done)
            }
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw disk(path, errno) }
            done += written
        }
    }

    // MARK: Errors

    private func check(_ status: CInt) throws(ArchiveError) {
        guard status == ARCHIVE_OK else { throw failure }
    }

    private var failure: ArchiveError {
        if let error = feed.error { return error }
        let text = unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
        return .refused(.unreadable(text ?? "it is damaged"))
    }

    private func disk(_ path: String, _ code: CInt) -> ArchiveError {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return .world(PortError(.disk, "unpack to \(path)", reason))
    }
}
