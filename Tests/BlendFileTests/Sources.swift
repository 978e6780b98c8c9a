import Synchronization

@testable import BlendFile

/// A .blend in memory.
struct BytesInMemory: ByteSource {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var byteCount: Int64 { Int64(bytes.count) }

    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "A read lies within the file.")
        return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}

/// Counts the reads of another source.
final class CountingSource<Source: ByteSource>: ByteSource {
    private let source: Source
    private let reads = Mutex<[Range<Int64>]>([])

    init(_ source: Source) {
        self.source = source
    }

    var byteCount: Int64 { source.byteCount }
    var readCount: Int { reads.withLock { $0.count } }
    var bytesRead: Int { reads.withLock { $0.map(\.count).reduce(0, +) } }

    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        reads.withLock { $0.append(range) }
        return try await source.read(range)
    }
}

/// A file that is too large to create: pieces with gaps of zeros in between.
struct VastSource: ByteSource {
    private var pieces: [(start: Int64, bytes: [UInt8])] = []
    private(set) var byteCount: Int64 = 0

    mutating func append(_ bytes: [UInt8]) {
        pieces.append((byteCount, bytes))
        byteCount += Int64(bytes.count)
    }

    mutating func append(zeros count: Int64) {
        byteCount += count
    }

    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: range.count)
        for piece in pieces {
            let end = piece.start + Int64(piece.bytes.count)
            let part = range.clamped(to: piece.start..<end)
            if part.isEmpty { continue }
            let from = Int(part.lowerBound - piece.start)
            let to = Int(part.lowerBound - range.lowerBound)
            result.replaceSubrange(
                to..<to + part.count, with: piece.bytes[from..<from + part.count])
        }
        return result
    }
}

/// Fails every read, or returns one byte too few.
struct FaultySource: ByteSource {
    var error: ByteSourceError?

    var byteCount: Int64 { 1000 }

    func read(_ range: Range<Int64>) async throws(ByteSourceError) -> [UInt8] {
        if let error { throw error }
        return [UInt8](repeating: 66, count: range.count - 1)
    }
}
