/// The offset of each frame of a Zstandard file, compressed and decompressed. The last entry is the
/// end.
///
/// Source: Zstandard's seekable format,
/// contrib/seekable_format/zstd_seekable_compression_format.md.
struct SeekTable: Hashable, Sendable {
    var packedStarts: [Int64] = [0]
    var unpackedStarts: [Int64] = [0]

    var frameCount: Int { packedStarts.count - 1 }
    var unpackedCount: Int64 { unpackedStarts[unpackedStarts.count - 1] }

    private static let footerCount: Int64 = 9
    private static let headCount: Int64 = 8
    private static let tableMagic = 0x184D_2A5E
    private static let footerMagic = 0x8F92_EAB1

    /// Reads the table at the end of the file. Without a valid table the result is `nil`, and the
    /// file is read as a stream, which needs no table.
    static func read<Source: ByteSource>(
        from windows: inout SourceWindows<Source>
    ) async throws(BlendFileError) -> SeekTable? {
        let end = windows.byteCount
        let limits = windows.limits
        guard end > headCount + footerCount else { return nil }
        // This read contains the footer and, except for huge files, the whole table.
        let tailStart = max(0, end - Int64(limits.windowBytes))
        let tail = try await windows.bytes(tailStart..<end)
        let footer = tail.suffix(Int(footerCount))
        let frameCount = little(footer.prefix(4))
        let flags = footer[footer.startIndex + 4]
        // Bit 7: checksums follow the sizes. Bits 2 to 6 are reserved.
        guard little(footer.suffix(4)) == footerMagic, flags & 0b0111_1100 == 0,
            (1...limits.framesMax).contains(frameCount)
        else { return nil }
        let entryCount = flags & 0b1000_0000 == 0 ? 8 : 12
        let bodyCount = Int64(frameCount * entryCount) + footerCount
        let start = end - headCount - bodyCount
        guard start > 0 else { return nil }
        let bytes = try await windows.bytes(start..<end - footerCount)
        let head = bytes.prefix(Int(headCount))
        guard little(head.prefix(4)) == tableMagic, little(head.suffix(4)) == bodyCount else {
            return nil
        }
        var table = SeekTable()
        var entries = bytes.dropFirst(Int(headCount))
        while !entries.isEmpty {
            let packed = little(entries.prefix(4))
            let unpacked = little(entries.dropFirst(4).prefix(4))
            guard packed <= limits.frameBytesMax, unpacked <= limits.frameBytesMax else {
                return nil
            }
            table.packedStarts.append(
                table.packedStarts[table.packedStarts.count - 1] + Int64(packed))
            table.unpackedStarts.append(table.unpackedCount + Int64(unpacked))
            entries = entries.dropFirst(entryCount)
        }
        return table.packedStarts[frameCount] == start ? table : nil
    }

    /// The frame that holds the byte at `offset`. The offset lies within the content.
    func frame(at offset: Int64) -> Int {
        precondition((0..<unpackedCount).contains(offset), "The byte lies within the content.")
        // The last frame that begins at or before the offset. Empty frames are skipped.
        var low = 0
        var high = unpackedStarts.count - 1
        while high - low > 1 {
            let middle = (low + high) / 2
            if unpackedStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private static func little(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
