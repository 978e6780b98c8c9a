internal import CCrypto

/// SHA-256 (FIPS 180-4).
///
/// `hash(_:)` hashes bytes in memory. An instance hashes a file piece by piece.
package struct SHA256: ~Copyable {
    package static let byteCount = 32

    private var context = unsafe DigestContext(EVP_sha256())

    /// The 32 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }

    package init() {}

    package mutating func update(_ bytes: [UInt8]) { context.update(bytes) }

    package mutating func update(_ bytes: ArraySlice<UInt8>) { context.update(bytes) }

    /// The 32 bytes of the digest of all bytes so far.
    package consuming func finish() -> [UInt8] { context.finish(byteCount: Self.byteCount) }
}
