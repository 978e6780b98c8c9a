import Farm
import Subprocess

/// Makes events of what Blender prints.
protocol OutputReader: Sendable {
    associatedtype Event: Sendable

    /// Reads until Blender ends, and answers what it has seen.
    func read(
        _ lines: OutputLines, _ events: AsyncStream<Event>.Continuation
    ) async throws -> Observation
}

/// What a Blender prints until it ends, line by line, and into its log.
struct OutputLines: Sendable {
    let output: SubprocessOutputSequence
    /// Path of the log.
    let log: String

    /// Hands each line to `body` with all that was seen up to it, until `body` wants no more.
    func forEach(
        _ body: (OutputLine, Observation) async -> Bool
    ) async throws -> Observation {
        var log = try RenderLog(path: log)
        var splitter = LineSplitter()
        var seen = Observation()
        reading: for try await buffer in output {
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
        return seen
    }
}

extension Array where Element == UInt8 {
    fileprivate init(_ buffer: SubprocessOutputSequence.Buffer) {
        self = unsafe buffer.withUnsafeBytes { unsafe Array($0) }
    }
}
