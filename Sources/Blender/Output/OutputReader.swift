import Farm
import Subprocess

/// Makes events of what Blender prints.
protocol OutputReader: Sendable {
    associatedtype Event: Sendable

    /// Reads until it has heard all it waits for or Blender ends, and answers what it has seen.
    ///
    /// - Parameter log: Path of a new file for all that Blender prints meanwhile.
    func read(
        _ lines: inout OutputLines, into log: String, _ events: AsyncStream<Event>.Continuation
    ) async throws -> BlenderTranscript
}

/// What a Blender prints for as long as it lives, line by line, and into one log after another.
struct OutputLines {
    private var output: SubprocessOutputSequence.Iterator
    private var ofScene = BlenderTranscript()
    /// Blender has ended.
    private(set) var isOver = false

    init(_ output: SubprocessOutputSequence) {
        self.output = output.makeAsyncIterator()
    }

    /// Hands each line to `body` with all that was seen up to it, until `body` wants no more.
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
                let line = OutputLine(line)
                seen.take(line)
                guard await body(line, seen) else { break reading }
            }
        }
        if let rest = splitter.finish() { seen.take(OutputLine(rest)) }
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
