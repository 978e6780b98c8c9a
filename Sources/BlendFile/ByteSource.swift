/// A source of a .blend's bytes: a local file, memory or an object in S3.
///
/// The reader asks for few, large ranges, so a source needs no cache.
package protocol ByteSource: Sendable {
    /// The size of the whole file in bytes.
    var byteCount: Int64 { get }

    /// Returns exactly the bytes of `range`. The range lies within `0..<byteCount`.
    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8]
}

/// The bytes could not be read. The error says nothing about the file itself.
package struct ByteSourceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence with the failure and, if known, the next step.
    package var message: String
    /// Whether the same read may succeed later.
    package var isRetryable: Bool

    package init(_ message: String, isRetryable: Bool) {
        self.message = message
        self.isRetryable = isRetryable
    }

    package var description: String { message }
}
