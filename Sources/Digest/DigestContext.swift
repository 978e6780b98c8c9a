internal import CCrypto

/// A message digest under way, by OpenSSL's libcrypto. It owns a context of libcrypto's, so it can't
/// be copied; `@safe` because the pointer never leaves it.
@safe struct DigestContext: ~Copyable {
    private let context: OpaquePointer

    /// - Parameter algorithm: As `EVP_sha256()` gives it.
    init(_ algorithm: OpaquePointer?) {
        guard let context = unsafe EVP_MD_CTX_new() else {
            preconditionFailure("libcrypto has no memory left for a digest of a few hundred bytes.")
        }
        unsafe self.context = context
        let status = unsafe EVP_DigestInit_ex(context, algorithm, nil)
        precondition(status == 1, "libcrypto does not offer the digest.")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update(buffer: $0) }
    }

    mutating func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update(buffer: $0) }
    }

    /// The digest, of so many bytes, of everything given so far.
    consuming func finish(byteCount: Int) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: byteCount)
        let context = unsafe self.context
        let status = unsafe digest.withUnsafeMutableBytes { bytes in
            unsafe EVP_DigestFinal_ex(
                context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        precondition(status == 1, "libcrypto's digests fail only when they are used out of order.")
        return digest
    }

    private func update(buffer: UnsafeRawBufferPointer) {
        let status = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        precondition(status == 1, "libcrypto's digests fail only when they are used out of order.")
    }
}
