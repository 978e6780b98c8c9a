/// Where a .blend's bytes come from: a local file, memory, or an object in S3.
///
/// The reader asks for few and large ranges, so a source needs no cache of its own.
package protocol ByteSource: Sendable {
    /// The size of the whole file in bytes.
    var byteCount: Int64 { get }

    /// Returns exactly the bytes of `range`, which lies within `0..<byteCount`.
    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8]
}

/// The bytes could not be had: says nothing about whether the file is good.
package struct ByteSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence with what failed and, where known, what to do next.
    package var message: String
    /// Whether the same read may succeed later.
    package var isRetryable: Bool

    package init(_ message: String, isRetryable: Bool) {
        self.message = message
        self.isRetryable = isRetryable
    }

    package var description: String { message }
}
