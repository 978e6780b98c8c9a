private import CZlib

/// Decompresses gzip. Blender before 3.0 used it.
///
/// Memory safety: the stream lives exactly as long as this object, at one address, as zlib demands.
/// Its pointers are set for each call, to buffers that outlive the call.
@safe final class GzipUnpacker: Unpacker {
    private let stream: UnsafeMutablePointer<z_stream>
    private var isMemberOver = false

    init() throws(UnpackFailure) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 is the largest window, and 16 more selects gzip (zlib.h, inflateInit2).
        guard unsafe czlib_inflateInit2(stream, 15 + 16) == Z_OK else {
            throw UnpackFailure(reason: "zlib has no memory")
        }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func unpack(_ packed: ArraySlice<UInt8>, countMax: Int) throws(UnpackFailure) -> UnpackStep {
        if isMemberOver && !packed.isEmpty {
            unsafe inflateReset(stream)
            isMemberOver = false
        }
        var status = Z_OK
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: countMax) { output, filled in
            unsafe packed.withUnsafeBufferPointer { input in
                // zlib takes a mutable pointer but only reads from it.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(countMax)
                status = unsafe inflate(stream, Z_NO_FLUSH)
                filled = unsafe countMax - Int(stream.pointee.avail_out)
            }
        }
        let consumed = unsafe packed.count - Int(stream.pointee.avail_in)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isMemberOver = true
        default: throw UnpackFailure(reason: "zlib error \(status)")
        }
        return UnpackStep(bytes: bytes, consumedCount: consumed)
    }
}
