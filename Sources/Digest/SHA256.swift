internal import CCrypto

/// SHA-256 (FIPS 180-4), by OpenSSL's libcrypto.
///
/// `hash(_:)` is for bytes in memory; a value takes a file piece by piece. It owns a context of
/// libcrypto's, so it can't be copied; `@safe` because the pointer never leaves it.
@safe package struct SHA256: ~Copyable {
    package static let byteCount = 32

    private let context: OpaquePointer

    /// The 32 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = SHA256()
        digest.update(bytes)
        return digest.finish()
    }

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("libcrypto has no memory left for a digest of a few hundred bytes.")
        }
        unsafe self.context = context
        let status = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(status == 1, "libcrypto offers no SHA-256.")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update(buffer: $0) }
    }

    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update(buffer: $0) }
    }

    /// The 32 bytes of the digest of everything given so far.
    package consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.byteCount)
        let context = unsafe self.context
        let status = unsafe digest.withUnsafeMutableBytes { bytes in
            unsafe EVP_DigestFinal_ex(
                context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        precondition(status == 1, "libcrypto's SHA-256 fails only when it is used out of order.")
        return digest
    }

    private func update(buffer: UnsafeRawBufferPointer) {
        let status = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        precondition(status == 1, "libcrypto's SHA-256 fails only when it is used out of order.")
    }
}
