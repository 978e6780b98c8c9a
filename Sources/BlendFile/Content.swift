/// A .blend's bytes after decompression.
protocol Content {
    /// The content's length in bytes, or `nil` when the length is unknown before all is
    /// decompressed. Then the content can only be read forwards: no range may begin before the end
    /// of an earlier one.
    var byteCount: Int64? { get }

    /// Returns the bytes of `range`, or throws `truncated` when the content ends earlier.
    mutating func bytes(_ range: Range<Int64>) async throws(BlendFileError) -> ArraySlice<UInt8>
}

/// A file that is not compressed.
struct PlainContent<Source: ByteSource>: Content {
    var windows: SourceWindows<Source>

    var byteCount: Int64? { windows.byteCount }

    mutating func bytes(_ range: Range<Int64>) async throws(BlendFileError) -> ArraySlice<UInt8> {
        try await windows.bytes(range)
    }
}
