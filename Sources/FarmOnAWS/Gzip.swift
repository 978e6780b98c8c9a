internal import CZlib

/// Compresses and decompresses gzip (RFC 1952).
enum Gzip {
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        // 15 is the largest window, and 16 more selects gzip. It fails only without memory.
        let opened = unsafe czlib_deflateInit2(&stream, Z_DEFAULT_COMPRESSION, 15 + 16)
        precondition(opened == Z_OK, "zlib could not start: \(opened)")
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        // deflateBound returns a size that is always enough, so one call is sufficient.
        var output = [UInt8](
            repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
        let written = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                let status = unsafe deflate(&stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "deflateBound was too small: \(status)")
                return unsafe Int(stream.total_out)
            }
        }
        output.removeLast(output.count - written)
        return output
    }

    /// Decompresses bytes. `nil` when they are incomplete, damaged or more than `countMax`
    /// decompressed.
    static func decompress(_ packed: [UInt8], countMax: Int) -> [UInt8]? {
        var stream = unsafe z_stream()
        let opened = unsafe czlib_inflateInit2(&stream, 15 + 16)
        precondition(opened == Z_OK, "zlib could not start: \(opened)")
        defer { unsafe inflateEnd(&stream) }
        var input = packed
        var output: [UInt8] = []
        return unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            var piece = [UInt8](repeating: 0, count: 64 << 10)
            while output.count <= countMax {
                let status = unsafe piece.withUnsafeMutableBufferPointer { piece in
                    unsafe stream.next_out = piece.baseAddress
                    unsafe stream.avail_out = UInt32(piece.count)
                    return unsafe inflate(&stream, Z_NO_FLUSH)
                }
                output += unsafe piece.dropLast(Int(stream.avail_out))
                switch status {
                case Z_OK: continue
                case Z_STREAM_END: return output.count <= countMax ? output : nil
                default: return nil
                }
            }
            return nil
        }
    }
}
