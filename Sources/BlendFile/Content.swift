/// A .blend's bytes as Blender sees them, whatever they are packed in.
protocol Content {
    /// The content's length, or `nil` where only unpacking all of it would tell. Such content can
    /// be read forwards only: no range may begin before the end of an earlier one.
    var byteCount: Int64? { get }

    /// Returns the bytes of `range`, or throws `truncated` when the content ends before.
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
