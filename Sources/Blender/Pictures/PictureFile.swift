import Glibc
import SystemPackage

/// A file that is read forward in pieces, with jumps.
///
/// A scene may put other things in its pictures' place. A link is not followed: it may lead to a
/// file that the worker may read and the scene may not. A pipe would block the reader, so it is
/// refused.
final class PictureFile {
    /// A compromise between the number of system calls and memory.
    static let pieceMax = 64 << 10

    private let file: FileDescriptor
    private(set) var position: Int64 = 0
    let byteCount: Int64

    init(path: String) throws(PictureFault) {
        do {
            file = try FileDescriptor.open(
                FilePath(path), .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        } catch let error as Errno where error == .noSuchFileOrDirectory {
            throw .missing
        } catch {
            throw .unreadable("\(error)")
        }
        var status = stat()
        guard unsafe fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            Self.close(file)
            throw .unreadable("it is no file of bytes")
        }
        byteCount = Int64(status.st_size)
        guard byteCount <= PictureLimits.fileByteCountMax else {
            Self.close(file)
            throw .unreadable("it has \(byteCount) bytes")
        }
    }

    var remaining: Int64 { byteCount - position }

    /// Exactly `count` bytes, at most one piece. The error names `place` if the file ends there.
    func read(_ count: Int, in place: String) throws(PictureFault) -> [UInt8] {
        precondition(count <= Self.pieceMax, "A picture is read in pieces of bounded size.")
        guard count <= remaining else { throw .truncated(place) }
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got: Int
            do {
                got = try unsafe bytes.withUnsafeMutableBytes { buffer in
                    try unsafe file.read(into: .init(rebasing: buffer[filled...]))
                }
            } catch {
                throw .unreadable("\(error)")
            }
            guard got > 0 else { throw .truncated(place) }
            filled += got
        }
        position += Int64(count)
        return bytes
    }

    /// Calls `body` with `count` bytes in pieces.
    func readPieces(
        _ count: Int64, in place: String, _ body: ([UInt8]) throws(PictureFault) -> Void
    ) throws(PictureFault) {
        guard count <= remaining else { throw .truncated(place) }
        var left = count
        while left > 0 {
            let piece = try read(Int(min(left, Int64(Self.pieceMax))), in: place)
            left -= Int64(piece.count)
            try body(piece)
        }
    }

    func seek(to offset: Int64, for place: String) throws(PictureFault) {
        guard (0...byteCount).contains(offset) else { throw .truncated(place) }
        do {
            position = try file.seek(offset: offset, from: .start)
        } catch {
            throw .unreadable("\(error)")
        }
    }

    deinit { Self.close(file) }

    /// A failure to close a file that was only read does not matter.
    private static func close(_ file: FileDescriptor) {
        do { try file.close() } catch {}
    }
}

extension Array where Element == UInt8 {
    func bigEndian16(at offset: Int) -> Int {
        Int(self[offset]) << 8 | Int(self[offset + 1])
    }

    func bigEndian32(at offset: Int) -> Int {
        bigEndian16(at: offset) << 16 | bigEndian16(at: offset + 2)
    }

    func littleEndian32(at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(self[offset + $1]) << (8 * $1) }
    }

    /// Signed, for OpenEXR's windows.
    func littleEndianInt32(at offset: Int) -> Int {
        Int(Int32(truncatingIfNeeded: littleEndian32(at: offset)))
    }
}
