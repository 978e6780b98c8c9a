/// Every bound the runtime keeps, each with its reason.
enum RuntimeLimits {
    /// What Lambda takes as a response; one byte more is answered 413.
    static let responseBytesMax = 6_291_556
    /// Above what Lambda sends (the same limit), so that an emulator's idea of 6 MB fits too.
    static let eventBytesMax = 8 << 20
    /// Of an error message, in Unicode scalars: it is copied, escaped to at most twelve bytes each,
    /// into a header that Lambda cuts at 64 KiB.
    static let errorMessageScalarsMax = 4_000
    /// Letters of an error's type after its category; a Swift type name is far shorter.
    static let errorTypeLettersMax = 100
    /// Of a log message or one metadata value: CloudWatch drops an event beyond 256 KB.
    static let logTextScalarsMax = 16_000
}
