import CZlib
import Testing

@testable import FarmOnAWS

@Suite struct `A compressed log` {
    @Test(arguments: [0, 1, 100, 1_000_000])
    func `decompresses to the same bytes`(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
        let packed = Gzip.compress(bytes)
        #expect(packed.prefix(2) == [0x1f, 0x8b])
        #expect(gunzip(packed) == bytes)
    }

    @Test func `is smaller than the original`() {
        let log = Array(String(repeating: "Fra:1 Mem:8.00M (Peak 8.00M)\n", count: 1_000).utf8)
        #expect(Gzip.compress(log).count < log.count / 20)
    }
}

/// Decompresses with zlib, up to 2 MB.
func gunzip(_ packed: [UInt8]) -> [UInt8] {
    var stream = unsafe z_stream()
    var input = packed
    var output = [UInt8](repeating: 0, count: 2_000_000)
    guard unsafe czlib_inflateInit2(&stream, 15 + 16) == Z_OK else { return [] }
    let (status, count) = unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = UInt32(output.count)
            let status = unsafe inflate(&stream, Z_FINISH)
            return unsafe (status, Int(stream.total_out))
        }
    }
    unsafe inflateEnd(&stream)
    return status == Z_STREAM_END ? Array(output.prefix(count)) : []
}
