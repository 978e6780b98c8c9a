/// A Zstandard file with a table of its frames, as Blender writes: only the frames asked for are
/// read and unpacked.
struct SeekableContent<Source: ByteSource>: Content {
    private var windows: SourceWindows<Source>
    private let table: SeekTable
    private var frames: [Frame] = []
    private var unpackedCount: Int64 = 0

    private struct Frame {
        var number: Int
        var bytes: [UInt8]
    }

    /// The walk and the end are read by turns, and either may lie across two frames.
    private static var framesMax: Int { 3 }

    init(windows: SourceWindows<Source>, table: SeekTable) {
        self.windows = windows
        self.table = table
    }

    var byteCount: Int64? { table.unpackedCount }

    mutating func bytes(_ range: Range<Int64>) async throws(BlendFileError) -> ArraySlice<UInt8> {
        guard range.upperBound <= table.unpackedCount else {
            throw .truncated(at: table.unpackedCount)
        }
        var collected: [UInt8] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            let number = table.frame(at: offset)
            let bytes = try await frame(number)
            let start = table.unpackedStarts[number]
            let part = bytes[
                Int(offset - start)..<Int(min(range.upperBound - start, Int64(bytes.count)))]
            if part.count == range.count {
                return part
            }
            collected += part
            offset += Int64(part.count)
        }
        return collected[...]
    }

    private mutating func frame(_ number: Int) async throws(BlendFileError) -> [UInt8] {
        if let frame = frames.last(where: { $0.number == number }) {
            return frame.bytes
        }
        let unpacked = table.unpackedStarts[number]..<table.unpackedStarts[number + 1]
        unpackedCount += Int64(unpacked.count)
        guard unpackedCount <= windows.limits.unpackedBytesMax else {
            throw .tooLarge(.unpackedBytes(windows.limits.unpackedBytesMax))
        }
        let packed = try await windows.bytes(
            table.packedStarts[number]..<table.packedStarts[number + 1])
        let bytes: [UInt8]
        do throws(UnpackFailure) {
            bytes = try ZstdUnpacker.frame(packed, count: unpacked.count)
        } catch {
            throw .corrupt(at: unpacked.lowerBound, reason: "its compression: \(error.reason)")
        }
        if frames.count == Self.framesMax {
            frames.removeFirst()
        }
        frames.append(Frame(number: number, bytes: bytes))
        return bytes
    }
}
