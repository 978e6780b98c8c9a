internal import CCrypto

/// A message digest in progress, computed by OpenSSL's libcrypto.
///
/// It owns a libcrypto context, so it can't be copied. It is `@safe` because the pointer never
/// leaves it.
@safe struct DigestContext: ~Copyable {
    private let context: OpaquePointer

    /// - Parameter algorithm: for example the result of `EVP_sha256()`.
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

    /// The digest of all bytes so far. `count` is the digest's length in bytes.
    consuming func finish(byteCount: Int) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: byteCount)
        let context = unsafe self.context
        let status = unsafe digest.withUnsafeMutableBytes { bytes in
            unsafe EVP_DigestFinal_ex(
                context, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        precondition(
            status == 1,
            "A libcrypto digest fails only when its functions are called in the wrong order.")
        return digest
    }

    private func update(buffer: UnsafeRawBufferPointer) {
        let status = unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        precondition(
            status == 1,
            "A libcrypto digest fails only when its functions are called in the wrong order.")
    }
}
