/// Fixed bounds, which no caller chooses.
enum HTTPLimits {
    /// Bytes kept of a body that is not 2xx, for the error's text. The rest is dropped. S3's errors
    /// have less than 1 KB.
    static let errorBytesMax = 256 << 10
    /// Bytes of the header lines of one answer. AWS sends about twenty lines.
    static let headerBytesMax = 256 << 10
    /// libcurl's buffer for sending and receiving files, in bytes. Four times the default halves
    /// the number of calls.
    static let streamBufferBytes = 256 << 10
    /// Bytes of memory reserved at once because of a Content-Length header.
    static let reservedBytesMax = 8 << 20
    /// The longest sleep of the multi loop. A wake-up ends the sleep early.
    static let pollMilliseconds: Int32 = 60_000
}
