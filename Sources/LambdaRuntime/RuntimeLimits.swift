/// All bounds of the runtime, each with its reason.
enum RuntimeLimits {
    /// Lambda's bound on a response, in bytes. Lambda answers 413 to a longer one.
    static let responseBytesMax = 6_291_556
    /// In bytes. More than Lambda sends, so that an emulator with a larger bound works too.
    static let eventBytesMax = 8 << 20
    /// Unicode scalars of an error message. Each takes up to twelve bytes in a header that Lambda
    /// cuts at 64 KiB.
    static let errorMessageScalarsMax = 4_000
    /// Letters of an error's type after its category. Swift's type names are much shorter.
    static let errorTypeLettersMax = 100
    /// Unicode scalars of a log message or a metadata value. CloudWatch drops events above 256 KB.
    static let logTextScalarsMax = 16_000
}
