internal import CCrypto

/// MD5 (RFC 1321), from which S3 makes entity tags. It detects accidents, not attacks.
package struct MD5: ~Copyable {
    private var context = unsafe DigestContext(EVP_md5())

    /// The 16 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = MD5()
        digest.update(bytes[...])
        return digest.finish()
    }

    init() {}

    mutating func update(_ bytes: ArraySlice<UInt8>) { context.update(bytes) }

    consuming func finish() -> [UInt8] { context.finish(byteCount: 16) }
}
