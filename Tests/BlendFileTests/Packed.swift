import CZlib
import CZstd

/// Compresses bytes in all ways of .blend files.
enum Packed {
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let started = unsafe czlib_deflateInit2(stream, 6, 15 + 16)
        precondition(started == Z_OK, "zlib starts.")
        let countMax = unsafe Int(deflateBound(stream, UInt(bytes.count)))
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: countMax) { output, filled in
            unsafe bytes.withUnsafeBufferPointer { input in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(countMax)
                let status = unsafe deflate(stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "All fits in the bound.")
                filled = unsafe countMax - Int(stream.pointee.avail_out)
            }
        }
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
        return packed
    }

    /// One frame, as the `zstd` command writes it.
    static func zstandard(_ bytes: [UInt8]) -> [UInt8] {
        let countMax = ZSTD_compressBound(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: countMax) { output, filled in
            filled = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe ZSTD_compress(
                    output.baseAddress, countMax, input.baseAddress, input.count, 3)
            }
            precondition(ZSTD_isError(filled) == 0, "All fits in the bound.")
        }
    }

    /// Frames of `frameCount` bytes with a table, as Blender writes them.
    static func seekable(
        _ bytes: [UInt8], frameCount: Int, hasChecksums: Bool = false
    ) -> [UInt8] {
        var packed: [UInt8] = []
        var entries: [UInt8] = []
        var count = 0
        for start in stride(from: 0, to: bytes.count, by: frameCount) {
            let part = Array(bytes[start..<min(start + frameCount, bytes.count)])
            let frame = zstandard(part)
            packed += frame
            entries += little(frame.count) + little(part.count)
            entries += hasChecksums ? [1, 2, 3, 4] : []
            count += 1
        }
        return packed + table(entries: entries, count: count, hasChecksums: hasChecksums)
    }

    static func table(entries: [UInt8], count: Int, hasChecksums: Bool = false) -> [UInt8] {
        little(0x184D_2A5E) + little(entries.count + 9) + entries + little(count)
            + [hasChecksums ? 0x80 : 0] + little(0x8F92_EAB1)
    }

    static func little(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
