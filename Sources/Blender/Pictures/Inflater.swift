import CZlib

/// Inflates a zlib stream piece by piece into a buffer of fixed size.
@safe final class Inflater {
    static let outputMax = 64 << 10

    // zlib keeps a pointer to its stream, so the stream must not move. This allocation is made in
    // `init`, freed in `deinit` and never leaves the class.
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: Inflater.outputMax)
    private(set) var isFinished = false

    init() throws(PictureFault) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe czlib_inflateInit2(stream, 15) == Z_OK else {
            unsafe stream.deallocate()
            throw .unreadable("zlib has no memory")
        }
    }

    /// Calls `body` with the inflated bytes in pieces. Bytes after the stream's end are damage.
    func inflate(
        _ input: [UInt8], _ body: (ArraySlice<UInt8>) throws(PictureFault) -> Void
    ) throws(PictureFault) {
        var consumed = 0
        while consumed < input.count {
            guard !isFinished else { throw .damaged("bytes follow the pixels") }
            let (used, made, status) = step(input, from: consumed)
            consumed += used
            if made > 0 { try body(output[..<made]) }
            switch status {
            case Z_STREAM_END: isFinished = true
            case Z_OK: break
            // zlib can't go on: the input is used up.
            case Z_BUF_ERROR where consumed == input.count: return
            default: throw .damaged("the pixels do not inflate (zlib \(status))")
            }
        }
        // The buffer may have been full when the input ended.
        while !isFinished {
            let (_, made, status) = step(input, from: input.count)
            if made > 0 { try body(output[..<made]) }
            if status == Z_STREAM_END { isFinished = true }
            guard status == Z_OK, made > 0 else { return }
        }
    }

    private func step(_ input: [UInt8], from start: Int) -> (used: Int, made: Int, Int32) {
        unsafe input.withUnsafeBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                // zlib only reads through this pointer, though its header lacks `const`.
                unsafe stream.pointee.next_in = input.baseAddress.map {
                    unsafe UnsafeMutablePointer(mutating: $0 + start)
                }
                unsafe stream.pointee.avail_in = UInt32(input.count - start)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(output.count)
                let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                let used = unsafe input.count - start - Int(stream.pointee.avail_in)
                let made = unsafe output.count - Int(stream.pointee.avail_out)
                return (used, made, status)
            }
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }
}

/// The CRC-32 of PNG and zlib, continued from `seed`.
func checksum(_ bytes: [UInt8], from seed: UInt = 0) -> UInt {
    unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe crc32(seed, buffer.baseAddress, UInt32(buffer.count))
    }
}
