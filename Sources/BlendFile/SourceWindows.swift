/// Reads a source in large windows and keeps the last few, within the limits.
struct SourceWindows<Source: ByteSource> {
    let source: Source
    let limits: BlendReader.Limits
    private var windows: [Window] = []
    private var nextCount: Int
    private var readCount = 0
    private var bytesRead: Int64 = 0

    private struct Window {
        var start: Int64
        var bytes: [UInt8]

        var end: Int64 { start + Int64(bytes.count) }

        func contains(_ range: Range<Int64>) -> Bool {
            start <= range.lowerBound && range.upperBound <= end
        }

        func slice(_ range: Range<Int64>) -> ArraySlice<UInt8> {
            bytes[Int(range.lowerBound - start)..<Int(range.upperBound - start)]
        }
    }

    /// Reads alternate between the walk, the end and a seekable file's table.
    private static var windowsMax: Int { 4 }

    init(_ source: Source, limits: BlendReader.Limits) {
        self.source = source
        self.limits = limits
        nextCount = limits.windowBytes
    }

    var byteCount: Int64 { source.byteCount }

    /// Returns the bytes of `range`, or throws `truncated` when the source ends earlier.
    mutating func bytes(_ range: Range<Int64>) async throws(BlendFileError) -> ArraySlice<UInt8> {
        guard range.upperBound <= byteCount else {
            throw .truncated(at: byteCount)
        }
        if let window = windows.last(where: { $0.contains(range) }) {
            return window.slice(range)
        }
        return try await read(range).slice(range)
    }

    /// Returns some bytes from `offset` on. The result is empty only at the end of the source.
    mutating func next(from offset: Int64) async throws(BlendFileError) -> ArraySlice<UInt8> {
        guard offset < byteCount else { return [] }
        let range = offset..<offset + 1
        let window: Window
        if let kept = windows.last(where: { $0.contains(range) }) {
            window = kept
        } else {
            window = try await read(range)
        }
        return window.slice(offset..<window.end)
    }

    /// Reads and keeps a window that begins like `wanted` and contains it.
    private mutating func read(_ wanted: Range<Int64>) async throws(BlendFileError) -> Window {
        let goesOn = windows.last.map { $0.start...$0.end ~= wanted.lowerBound } ?? false
        // The start and the end are read first. Later jumps often need only a block's head.
        let firstCount = readCount < 2 ? limits.windowBytes : limits.jumpBytes
        nextCount = goesOn ? min(nextCount * 2, limits.windowBytesMax) : firstCount
        let count = Int64(max(wanted.count, nextCount))
        let window = try await fetch(wanted.lowerBound..<min(wanted.lowerBound + count, byteCount))
        if windows.count == Self.windowsMax {
            windows.removeFirst()
        }
        windows.append(window)
        return window
    }

    private mutating func fetch(_ range: Range<Int64>) async throws(BlendFileError) -> Window {
        readCount += 1
        bytesRead += Int64(range.count)
        guard readCount <= limits.readsMax else {
            throw .tooLarge(.reads(limits.readsMax))
        }
        guard bytesRead <= limits.bytesReadMax else {
            throw .tooLarge(.bytesRead(limits.bytesReadMax))
        }
        let bytes: [UInt8]
        do throws(ByteSourceError) {
            bytes = try await source.read(range)
        } catch {
            throw .source(error)
        }
        guard bytes.count == range.count else {
            throw .source(
                ByteSourceError(
                    "A read of \(range.count) bytes returned \(bytes.count).", isRetryable: true))
        }
        return Window(start: range.lowerBound, bytes: bytes)
    }
}
