internal import Glibc

/// A file or a part of one. It is hashed and sent in pieces, never held in memory as a whole.
package struct FileSlice: Hashable, Sendable {
    private static let pieceLength = 1 << 20

    package let path: String
    package let offset: Int64
    package let length: Int64

    package init(path: String, offset: Int64, length: Int64) {
        self.path = path
        self.offset = offset
        self.length = length
    }

    /// A whole regular file, with its present length.
    package init(whole path: String) throws(FileReadError) {
        let descriptor = try Self.open(path)
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        guard length >= 0 else { throw FileReadError(path: path, code: errno) }
        self.init(path: path, offset: 0, length: Int64(length))
    }

    /// The SHA-256 of the bytes. They are read one megabyte at a time, and other tasks run in
    /// between.
    package func sha256() async throws(FileReadError) -> [UInt8] {
        var digest = SHA256()
        try await forEachPiece { digest.update($0) }
        return digest.finish()
    }

    /// The MD5 of the bytes, read in the same way.
    package func md5() async throws(FileReadError) -> [UInt8] {
        var digest = MD5()
        try await forEachPiece { digest.update($0) }
        return digest.finish()
    }

    /// The SHA-256 of adjacent slices, of all together and of each. The file is read once, so that
    /// both hashes are of the same bytes, even when the file changes.
    package static func sha256(
        of slices: [FileSlice]
    ) async throws(FileReadError) -> (whole: [UInt8], parts: [[UInt8]]) {
        var whole = SHA256()
        var parts: [[UInt8]] = []
        for slice in slices {
            var part = SHA256()
            try await slice.forEachPiece { piece in
                whole.update(piece)
                part.update(piece)
            }
            parts.append(part.finish())
        }
        return (whole.finish(), parts)
    }

    private func forEachPiece(_ work: (ArraySlice<UInt8>) -> Void) async throws(FileReadError) {
        let descriptor = try Self.open(path)
        defer { close(descriptor) }
        var piece = [UInt8](repeating: 0, count: Self.pieceLength)
        var done: Int64 = 0
        while done < length {
            let wanted = Int(min(Int64(Self.pieceLength), length - done))
            let position = off_t(offset + done)
            let count = unsafe piece.withUnsafeMutableBytes { bytes in
                unsafe pread(descriptor, bytes.baseAddress, wanted, position)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw FileReadError(path: path, code: count < 0 ? errno : 0)
            }
            work(piece[0..<count])
            done += Int64(count)
            await Task.yield()
        }
    }

    private static func open(_ path: String) throws(FileReadError) -> Int32 {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileReadError(path: path, code: errno) }
        return descriptor
    }
}

/// A file that can't be read.
package struct FileReadError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// The C library's errno, or 0 when the file ended too early.
    package let code: Int32

    package var description: String {
        code == 0
            ? "\(path) has become shorter"
            : "\(path) can't be read: \(unsafe String(cString: strerror(code)))"
    }
}
