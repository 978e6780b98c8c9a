internal import Glibc

/// A file that can't be read.
package struct FileReadError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// The C library's errno; 0 when the file ended too soon.
    package let code: Int32

    package var description: String {
        code == 0
            ? "\(path) is shorter than it was"
            : "\(path) can't be read: \(unsafe String(cString: strerror(code)))"
    }
}

extension SHA256 {
    private static let pieceLength = 1 << 20

    /// Hashes a part of a file, a megabyte at a time; between two of them other tasks may run.
    package static func hash(
        file path: String, offset: Int64, length: Int64
    ) async throws(FileReadError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReadError(path: path, code: errno) }
        defer { close(descriptor) }
        var digest = SHA256()
        var piece = [UInt8](repeating: 0, count: pieceLength)
        var done: Int64 = 0
        while done < length {
            let wanted = Int(min(Int64(pieceLength), length - done))
            let count = unsafe piece.withUnsafeMutableBytes { bytes in
                unsafe pread(descriptor, bytes.baseAddress, wanted, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw FileReadError(path: path, code: count < 0 ? errno : 0)
            }
            digest.update(piece[0..<count])
            done += Int64(count)
            await Task.yield()
        }
        return digest.finish()
    }
}
