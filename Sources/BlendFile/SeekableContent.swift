/// A Zstandard file with a table of its frames, as Blender writes it. Only the requested frames are
/// read and decompressed, and those that a walk will need next.
///
/// Blender begins a frame when a large body would not fit into the last one, so nearly every frame
/// ends with block heads, and a walk must decompress nearly all frames. So several frames are
/// decompressed at once, on all processors.
struct SeekableContent<Source: ByteSource>: Content {
    private var windows: SourceWindows<Source>
    private let table: SeekTable
    private var frames: [Frame] = []
    private var unpackedCount: Int64 = 0

    private struct Frame {
        var number: Int
        var bytes: [UInt8]
    }

    /// Reads alternate between the walk and the end, and each may need two frames.
    private static var framesMax: Int { 3 + framesAtOnceMax }
    private static var framesAtOnceMax: Int { 4 }

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
        let numbers = number..<(isWalked(to: number) ? endOfFrames(from: number) : number + 1)
        let start = table.unpackedStarts[number]
        unpackedCount += table.unpackedStarts[numbers.upperBound] - start
        guard unpackedCount <= windows.limits.unpackedBytesMax else {
            throw .tooLarge(.unpackedBytes(windows.limits.unpackedBytesMax))
        }
        let packed = try await windows.bytes(
            table.packedStarts[number]..<table.packedStarts[numbers.upperBound])
        let unpacked = await Self.unpack(numbers, of: packed, table)
        frames.removeFirst(max(0, frames.count + unpacked.count - Self.framesMax))
        // A frame that can't be decompressed is an error when it is requested.
        for case (let number, .success(let bytes)) in unpacked {
            frames.append(Frame(number: number, bytes: bytes))
        }
        do throws(UnpackFailure) {
            return try unpacked[0].bytes.get()
        } catch {
            throw .corrupt(at: start, reason: "it could not be decompressed: \(error.reason)")
        }
    }

    private func isWalked(to number: Int) -> Bool { frames.last?.number == number - 1 }

    /// The frames to decompress at once. Together they have no more bytes than one frame may have.
    private func endOfFrames(from number: Int) -> Int {
        let bytesMax = Int64(windows.limits.frameBytesMax)
        var end = number + 1
        while end < min(number + Self.framesAtOnceMax, table.frameCount),
            table.packedStarts[end + 1] - table.packedStarts[number] <= bytesMax,
            table.unpackedStarts[end + 1] - table.unpackedStarts[number] <= bytesMax
        {
            end += 1
        }
        return end
    }

    private typealias Unpacked = (number: Int, bytes: Result<[UInt8], UnpackFailure>)

    /// Decompresses frames and returns them in order.
    private static func unpack(
        _ numbers: Range<Int>, of packed: ArraySlice<UInt8>, _ table: SeekTable
    ) async -> [Unpacked] {
        await withTaskGroup(of: Unpacked.self) { group in
            for number in numbers {
                let start = Int(table.packedStarts[number] - table.packedStarts[numbers.lowerBound])
                let count = Int(table.packedStarts[number + 1] - table.packedStarts[number])
                let part = packed.dropFirst(start).prefix(count)
                let whole = Int(table.unpackedStarts[number + 1] - table.unpackedStarts[number])
                group.addTask {
                    (
                        number,
                        Result { () throws(UnpackFailure) in
                            try ZstdUnpacker.frame(part, count: whole)
                        }
                    )
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.number < $1.number }
        }
    }
}
