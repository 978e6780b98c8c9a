internal import CArchive
internal import Farm
internal import Glibc

/// Gives libarchive an archive's bytes in blocks, from any offset on.
///
/// The first block after a jump is small, because a zip's headers lie between large files. Each
/// further block is twice as large as the one before, so that a long file takes few requests.
///
/// Memory safety: `block` lives until libarchive asks for the next one, as archive_read_open(3)
/// demands, and the feed outlives libarchive's object. See `ArchiveReader`.
@safe final class ArchiveFeed {
    private static let firstCount: Int64 = 64 << 10
    /// Bytes of one S3 answer that may be in memory.
    private static let countMax: Int64 = 4 << 20
    /// Bytes that libarchive may read before the first entry. It reads and keeps a zip's directory:
    /// this is enough for 20,000 entries with names of 3,000 bytes.
    private static let directoryCountMax: Int64 = 64 << 20

    private let reads: BlockingReads
    private let byteCount: Int64
    private var position: Int64 = 0
    private var nextCount = firstCount
    private var readCount: Int64 = 0
    private let block: UnsafeMutableRawPointer
    /// The reason for a failed read. libarchive itself reports only that a read failed.
    private(set) var error: ArchiveError?
    var hasFirstEntry = false

    init(_ reads: BlockingReads, byteCount: Int64) {
        self.reads = reads
        self.byteCount = byteCount
        unsafe block = .allocate(byteCount: Int(Self.countMax), alignment: 16)
    }

    deinit {
        unsafe block.deallocate()
    }

    /// Makes libarchive read from this feed. The feed must outlive `archive`.
    func open(_ archive: OpaquePointer) -> CInt {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe archive_read_set_callback_data(archive, context)
        unsafe archive_read_set_read_callback(archive) { _, context, block in
            unsafe ArchiveFeed.of(context).read(block)
        }
        unsafe archive_read_set_skip_callback(archive) { _, context, count in
            unsafe ArchiveFeed.of(context).move(by: count)
        }
        unsafe archive_read_set_seek_callback(archive) { _, context, offset, origin in
            unsafe ArchiveFeed.of(context).seek(offset, origin)
        }
        return unsafe archive_read_open1(archive)
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> ArchiveFeed {
        guard let context = unsafe context else {
            preconditionFailure("libarchive passes on the context that it was given.")
        }
        return unsafe Unmanaged<ArchiveFeed>.fromOpaque(context).takeUnretainedValue()
    }

    private func read(_ start: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
        let range = position..<min(position + nextCount, byteCount)
        do throws(ArchiveError) {
            if range.isEmpty { return 0 }
            readCount += Int64(range.count)
            guard hasFirstEntry || readCount <= Self.directoryCountMax else {
                throw .refused(.unreadable("its directory is too large"))
            }
            let bytes = try reads.bytes(range)
            unsafe block.copyMemory(from: bytes, byteCount: bytes.count)
            unsafe start?.pointee = UnsafeRawPointer(block)
            position += Int64(bytes.count)
            nextCount = min(nextCount * 2, Self.countMax)
            return bytes.count
        } catch {
            self.error = error
            return Int(ARCHIVE_FATAL)
        }
    }

    private func move(by count: Int64) -> Int64 {
        let target = min(position + max(0, count), byteCount)
        defer { position = target }
        // For a short distance, reading on costs less than another request.
        nextCount = target - position > Self.firstCount ? Self.firstCount : nextCount
        return target - position
    }

    private func seek(_ offset: Int64, _ origin: CInt) -> Int64 {
        let base =
            switch origin {
            case SEEK_SET: Int64(0)
            case SEEK_CUR: position
            default: byteCount
            }
        let (target, isFar) = base.addingReportingOverflow(offset)
        guard !isFar, (0...byteCount).contains(target) else { return Int64(ARCHIVE_FATAL) }
        if target != position { nextCount = Self.firstCount }
        position = target
        return target
    }
}
