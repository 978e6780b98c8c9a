/// The bounds that no caller chooses.
enum HTTPLimits {
    /// Of a non-2xx body, for its error text; the rest is read and dropped. S3's are under 1 KB.
    static let errorBytesMax = 256 << 10
    /// Header lines of one answer; AWS sends about twenty.
    static let headerBytesMax = 256 << 10
    /// libcurl's buffer when a file is sent or received; four times its default halves the calls.
    static let streamBufferBytes = 256 << 10
    /// Memory set aside at once on the word of a Content-Length.
    static let reservedBytesMax = 8 << 20
    /// How long the multi loop sleeps at most; a wake-up ends it sooner.
    static let pollMilliseconds: Int32 = 60_000
}
