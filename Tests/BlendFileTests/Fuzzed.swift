@testable import BlendFile

/// The properties that the reader has for all bytes, for mutations, the corpus and `Tests/fuzz`.
enum Fuzzed {
    static let limits: BlendReader.Limits = {
        var limits = BlendReader.Limits()
        limits.windowBytes = 4096
        limits.readsMax = 400
        limits.unpackedBytesMax = 8 << 20
        limits.blocksMax = 20_000
        return limits
    }()

    /// The error in the reader's result. `nil` when the file is read or refused within bounds, with
    /// the same result when it is compressed.
    static func complaint(_ bytes: [UInt8]) async -> String? {
        let plain = await answer(bytes)
        if let complaint = plain.complaint { return complaint }
        guard bytes.starts(with: FileLayout.magic), var expected = plain.summary else { return nil }
        expected.compression = .zstandard
        let packed = await answer(Packed.seekable(bytes, frameCount: 700))
        if let complaint = packed.complaint { return "packed: \(complaint)" }
        guard packed.summary == expected else {
            return "packed it is \(packed.summary.map { "\($0)" } ?? "refused"), plain \(expected)"
        }
        return nil
    }

    private static func answer(
        _ bytes: [UInt8]
    ) async -> (summary: BlendSummary?, complaint: String?) {
        let source = CountingSource(BytesInMemory(bytes))
        var summary: BlendSummary?
        do {
            let found = try await BlendReader.summary(of: source, limits: limits)
            for scene in found.scenes {
                _ = (scene.width, scene.height, scene.output.identifier)
            }
            guard !found.scenes.isEmpty else { return (nil, "no scene, and no error") }
            summary = found
        } catch {
            guard !error.description.isEmpty else { return (nil, "an error without words") }
        }
        return source.readCount <= limits.readsMax + 1
            ? (summary, nil) : (summary, "\(source.readCount) reads")
    }
}
