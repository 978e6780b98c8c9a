internal import CCrypto

/// Keyed hashing (RFC 2104), as AWS's signatures use it.
package enum HMAC {
    /// The 32 bytes of HMAC-SHA-256.
    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: SHA256.byteCount)
        let isMade = unsafe code.withUnsafeMutableBufferPointer { output in
            unsafe key.withUnsafeBytes { key in
                unsafe message.withUnsafeBufferPointer { message in
                    // For libcrypto, a null key means the key of the previous call.
                    var none: UInt8 = 0
                    return unsafe withUnsafePointer(to: &none) { none in
                        unsafe CCrypto.HMAC(
                            EVP_sha256(), key.baseAddress ?? UnsafeRawPointer(none),
                            Int32(key.count), message.baseAddress, message.count,
                            output.baseAddress, nil) != nil
                    }
                }
            }
        }
        precondition(isMade, "libcrypto's HMAC fails only for an unknown hash.")
        return code
    }
}
