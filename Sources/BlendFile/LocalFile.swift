internal import Glibc

/// A .blend on a local disk.
///
/// Reads block the calling thread. They have no thread of their own: they are at most a few
/// megabytes from the page cache or a local disk, and only programs that read one file at a time
/// use this type.
package final class LocalFile: ByteSource {
    package let byteCount: Int64
    private let descriptor: CInt
    private let path: String

    package init(path: String) throws(ByteSourceError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ByteSourceError.of("Opening", path, errno)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw ByteSourceError.of("Reading the size of", path, code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ByteSourceError("\(path) is not a file.", isRetryable: false)
        }
        self.descriptor = descriptor
        self.path = path
        byteCount = Int64(status.st_size)
    }

    deinit {
        close(descriptor)
    }

    package func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "A read lies within the file.")
        let count = range.count
        var failure: CInt = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled,
                    Int(range.lowerBound) + filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        guard failure == 0 else {
            throw ByteSourceError.of("Reading", path, failure)
        }
        guard bytes.count == count else {
            throw ByteSourceError("\(path) became shorter during the read.", isRetryable: true)
        }
        return bytes
    }
}

extension ByteSourceError {
    fileprivate static func of(_ action: String, _ path: String, _ code: CInt) -> Self {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return Self("\(action) \(path) failed: \(reason).", isRetryable: code == EIO)
    }
}
