import Subprocess

/// What one Blender prints during its life, line by line, into one log for each session.
struct OutputLines {
    private var output: SubprocessOutputSequence.Iterator
    /// The key of this Blender process.
    private let key: MessageKey
    private var ofScene = BlenderTranscript()
    /// Blender has ended.
    private(set) var isOver = false

    init(_ output: SubprocessOutputSequence, key: MessageKey) {
        self.key = key
        self.output = output.makeAsyncIterator()
    }

    /// Calls `body` for each line, with all that was printed up to it, until `body` returns false.
    ///
    /// - Parameter path: Path of a new file for the lines.
    mutating func forEach(
        into path: String, _ body: (OutputLine, BlenderTranscript) async -> Bool
    ) async throws -> BlenderTranscript {
        var log = try RenderLog(path: path)
        var splitter = LineSplitter()
        var seen = ofScene
        reading: while true {
            guard let buffer = try await output.next() else {
                isOver = true
                break
            }
            let bytes = Array(buffer)
            log.append(bytes)
            for line in splitter.append(bytes) {
                let line = OutputLine(line, key: key)
                seen.take(line)
                guard await body(line, seen) else { break reading }
            }
        }
        if let rest = splitter.finish() { seen.take(OutputLine(rest, key: key)) }
        log.finish()
        ofScene = seen.ofScene
        return seen
    }
}

extension Array where Element == UInt8 {
    fileprivate init(_ buffer: SubprocessOutputSequence.Buffer) {
        self = unsafe buffer.withUnsafeBytes { unsafe Array($0) }
    }
}
