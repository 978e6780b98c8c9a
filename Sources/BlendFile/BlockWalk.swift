/// Goes from block to block and keeps the few bodies with render settings.
///
///     header │ REND │ TEST │ GLOB │ WM … │ SC DATA … │ SC DATA … │ OB … │ DNA1 │ ENDB
///                           ▲ kept          ▲ kept      ▲ kept     ▲ stop  ▲ kept, read first
///
/// Blender writes its data-blocks kind by kind, so all scenes have been read when another kind
/// follows. The catalogue (DNA1) is last. If the end of the content can be reached directly, the
/// catalogue is read from there, and the walk stops after the scenes. Otherwise, or if the end is
/// not as expected, the walk goes to the end.
struct BlockWalk {
    struct Block: Hashable, Sendable {
        var head: BlockHead
        /// The body's offset in the content, in bytes.
        var offset: Int64
        var body: [UInt8]
    }

    let layout: FileLayout
    let limits: BlendReader.Limits
    private(set) var fileSettings: Block?
    private(set) var scenes: [Block] = []
    /// The small blocks that follow the scenes, by address. The scenes point to them.
    private(set) var sceneParts: [UInt64: Block] = [:]
    private(set) var catalogue: Block?
    /// The offset of the next block, in bytes.
    private(set) var offset: Int64
    private var isInScene = false

    init(layout: FileLayout, limits: BlendReader.Limits) {
        self.layout = layout
        self.limits = limits
        offset = Int64(layout.headerCount)
    }

    mutating func run(over content: inout some Content) async throws(BlendFileError) {
        if let byteCount = content.byteCount {
            catalogue = try await catalogueAtEnd(of: &content, byteCount: byteCount)
        }
        for _ in 0..<limits.blocksMax {
            let code = BlockCode(try await content.bytes(offset..<offset + 4))
            // Some files end with only this code, without the rest of a head.
            if code == .end { return }
            let isWhole = catalogue != nil && fileSettings != nil && !scenes.isEmpty
            if isWhole && code != .scene && code != .body { return }
            try await step(code, over: &content)
        }
        throw .tooLarge(.blocks(limits.blocksMax))
    }

    private mutating func step(
        _ code: BlockCode, over content: inout some Content
    ) async throws(BlendFileError) {
        let (head, body) = try await Self.head(code, at: offset, of: &content, layout)
        let bodyStart = body.lowerBound
        switch code {
        case .body where isInScene && head.bodyCount <= limits.scenePartBytesMax:
            if sceneParts.count < limits.scenePartsMax {
                let part = try await block(head, at: bodyStart, of: &content)
                sceneParts[head.address] = part
            }
        case .scene:
            guard scenes.count < limits.scenesMax else {
                throw .tooLarge(.scenes(limits.scenesMax))
            }
            scenes.append(try await block(head, at: bodyStart, of: &content))
        case .fileSettings:
            fileSettings = try await block(head, at: bodyStart, of: &content)
        case .catalogue where catalogue == nil:
            catalogue = try await block(head, at: bodyStart, of: &content)
        default:
            break
        }
        isInScene = code == .scene || code == .body && isInScene
        offset = body.upperBound
    }

    /// Reads the head of the block at `offset`, and the offset of its body.
    static func head(
        _ code: BlockCode, at offset: Int64, of content: inout some Content, _ layout: FileLayout
    ) async throws(BlendFileError) -> (head: BlockHead, body: Range<Int64>) {
        let start = offset + Int64(layout.blockHeadCount)
        let head = BlockHead(
            code: code, rest: try await content.bytes(offset + 4..<start), layout: layout)
        let (end, overflow) = start.addingReportingOverflow(head.bodyCount)
        guard head.bodyCount >= 0, !overflow, end <= Int64.max >> 1 else {
            throw .corrupt(at: offset, reason: "a block of impossible length")
        }
        if let byteCount = content.byteCount, end > byteCount {
            throw .truncated(at: byteCount)
        }
        return (head, start..<end)
    }

    private func block(
        _ head: BlockHead, at offset: Int64, of content: inout some Content
    ) async throws(BlendFileError) -> Block {
        let countMax = head.code == .catalogue ? limits.catalogueBytesMax : limits.settingsBytesMax
        guard head.bodyCount <= countMax else {
            throw .corrupt(at: offset, reason: "settings of impossible length")
        }
        let body = Array(try await content.bytes(offset..<offset + head.bodyCount))
        return Block(head: head, offset: offset, body: body)
    }

    /// Finds the catalogue, or returns `nil` when it is not the last block before the end.
    private func catalogueAtEnd(
        of content: inout some Content, byteCount: Int64
    ) async throws(BlendFileError) -> Block? {
        let headCount = Int64(layout.blockHeadCount)
        let endStart = byteCount - headCount
        let tailStart = max(offset, byteCount - Int64(limits.windowBytes))
        guard tailStart < endStart else { return nil }
        let tail = try await content.bytes(tailStart..<byteCount)
        guard BlockCode(tail.suffix(layout.blockHeadCount).prefix(4)) == .end else { return nil }
        // Searched backwards, because the catalogue is the last match.
        for start in tail.indices.dropLast(2 * layout.blockHeadCount).reversed()
        where BlockCode(tail[start..<start + 4]) == .catalogue {
            let rest = tail[start..<start + layout.blockHeadCount].dropFirst(4)
            let head = BlockHead(code: .catalogue, rest: rest, layout: layout)
            let bodyStart = tailStart + Int64(start - tail.startIndex) + headCount
            if head.bodyCount == endStart - bodyStart {
                return try await block(head, at: bodyStart, of: &content)
            }
        }
        return nil
    }
}
