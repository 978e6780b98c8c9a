import Farm
import Subprocess

/// Reads what Blender prints until it ends: into the log, and for what it says of frames.
struct OutputReader: Sendable {
    let request: RenderRequest
    let watch: FrameWatch
    /// Written into the log first.
    let note: String?

    /// Hands each frame to `finished` once, as Blender says it is saved. Takes one of `credits`
    /// for each, and waits while there is none.
    func read(
        _ output: SubprocessOutputSequence,
        _ finished: AsyncStream<FinishedFrame>.Continuation, _ credits: AsyncStream<Void>
    ) async throws -> Observation {
        var log = try RenderLog(path: request.log)
        if let note { log.note(note) }
        var credit = credits.makeAsyncIterator()
        var splitter = LineSplitter()
        var seen = Observation()
        var awaited = Dictionary(
            uniqueKeysWithValues: request.frames.frames.map { (request.path(of: $0), $0) })
        reading: for try await buffer in output {
            let bytes = Array(buffer)
            log.append(bytes)
            for line in splitter.append(bytes) {
                let line = OutputLine(line)
                seen.take(line)
                guard case .saved(let path) = line,
                    let number = awaited.removeValue(forKey: path)
                else { continue }
                let frame = FinishedFrame(
                    number: number, duration: watch.endFrame(), isCropped: seen.isCropped)
                watch.pause()
                guard await credit.next() != nil else { break reading }
                watch.resume()
                finished.yield(frame)
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

/// A frame that Blender says is saved.
struct FinishedFrame: Hashable, Sendable {
    let number: Int
    let duration: Duration
    let isCropped: Bool
}
