/// A file that must be decompressed from its start.
struct StreamedContent<Source: ByteSource, Codec: Unpacker>: Content {
    var windows: SourceWindows<Source>
    let codec: Codec
    /// The bytes that were decompressed last, and their offset in the content.
    private var piece: [UInt8] = []
    private var pieceStart: Int64 = 0
    private var packedOffset: Int64 = 0

    /// Bytes of one step: few compared with a scene, many compared with the cost of a call.
    private static var pieceCountMax: Int { 256 * 1024 }

    init(windows: SourceWindows<Source>, codec: Codec) {
        self.windows = windows
        self.codec = codec
    }

    var byteCount: Int64? { nil }

    private var pieceEnd: Int64 { pieceStart + Int64(piece.count) }

    mutating func bytes(_ range: Range<Int64>) async throws(BlendFileError) -> ArraySlice<UInt8> {
        precondition(range.lowerBound >= pieceStart, "Streamed content is read forwards.")
        while pieceEnd < range.lowerBound {
            try await unpackPiece()
        }
        let first = Int(range.lowerBound - pieceStart)
        if range.upperBound <= pieceEnd {
            return piece[first..<first + range.count]
        }
        var collected = Array(piece[first...])
        while collected.count < range.count {
            try await unpackPiece()
            collected += piece.prefix(range.count - collected.count)
        }
        return collected[...]
    }

    private mutating func unpackPiece() async throws(BlendFileError) {
        pieceStart = pieceEnd
        piece = []
        guard pieceStart <= windows.limits.unpackedBytesMax else {
            throw .tooLarge(.unpackedBytes(windows.limits.unpackedBytesMax))
        }
        while piece.isEmpty {
            // Empty at the end, when the codec may still hold back output.
            let packed = try await windows.next(from: packedOffset)
            let step: UnpackStep
            do throws(UnpackFailure) {
                step = try codec.unpack(packed, countMax: Self.pieceCountMax)
            } catch {
                throw .corrupt(
                    at: pieceStart, reason: "it could not be decompressed: \(error.reason)")
            }
            packedOffset += Int64(step.consumedCount)
            piece = step.bytes
            guard !step.bytes.isEmpty || step.consumedCount > 0 else {
                throw .truncated(at: pieceStart)
            }
        }
    }
}
