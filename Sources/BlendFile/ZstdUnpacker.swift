private import CZstd

/// Decompresses Zstandard as a stream of any number of frames.
///
/// Memory safety: the stream lives exactly as long as this object, and keeps no pointer after a
/// call.
@safe final class ZstdUnpacker: Unpacker {
    private let stream: OpaquePointer

    init() throws(UnpackFailure) {
        guard let stream = unsafe ZSTD_createDStream() else {
            throw UnpackFailure(reason: "Zstandard has no memory")
        }
        unsafe self.stream = stream
    }

    deinit {
        unsafe ZSTD_freeDStream(stream)
    }

    func unpack(_ packed: ArraySlice<UInt8>, countMax: Int) throws(UnpackFailure) -> UnpackStep {
        var consumed = 0
        var status = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: countMax) { output, filled in
            unsafe packed.withUnsafeBufferPointer { buffer in
                var input = unsafe ZSTD_inBuffer(
                    src: buffer.baseAddress, size: buffer.count, pos: 0)
                var result = unsafe ZSTD_outBuffer(
                    dst: output.baseAddress, size: countMax, pos: 0)
                status = unsafe ZSTD_decompressStream(stream, &result, &input)
                consumed = unsafe input.pos
                filled = unsafe result.pos
            }
        }
        try Self.check(status)
        return UnpackStep(bytes: bytes, consumedCount: consumed)
    }

    /// Decompresses one whole frame, which must have exactly `count` bytes.
    static func frame(
        _ packed: ArraySlice<UInt8>, count: Int
    ) throws(UnpackFailure) -> [UInt8] {
        var status = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
            unsafe packed.withUnsafeBufferPointer { input in
                status = unsafe ZSTD_decompress(
                    output.baseAddress, count, input.baseAddress, input.count)
                filled = ZSTD_isError(status) == 0 ? status : 0
            }
        }
        try check(status)
        guard bytes.count == count else {
            throw UnpackFailure(reason: "a frame has \(bytes.count) bytes, not \(count)")
        }
        return bytes
    }

    private static func check(_ status: Int) throws(UnpackFailure) {
        guard ZSTD_isError(status) == 0 else {
            throw UnpackFailure(
                reason: unsafe ZSTD_getErrorName(status).map { unsafe String(cString: $0) }
                    ?? "Zstandard error")
        }
    }
}
