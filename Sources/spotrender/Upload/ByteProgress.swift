import AWS
import Foundation
import Presentation
import Synchronization

/// Shows the progress of a large transfer: a bar on a terminal, else a line on standard error at
/// every tenth.
final class ByteProgress: Sendable {
    private let what: String
    private let total: Int64
    private let isShown: Bool
    private let done = Mutex<Int64>(0)

    /// - Parameter what: As in “of scene.blend” or “uploaded”.
    init(_ what: String, total: Int64, isShown: Bool) {
        self.what = what
        self.total = total
        // A transfer of one request needs no progress.
        self.isShown = isShown && total > MultipartPlan().singleBytesMax
    }

    func add(_ count: Int64) {
        guard isShown else { return }
        done.withLock { done in
            let before = part(done)
            done += count
            let now = part(done)
            if Terminal.isThere {
                let text = "\r\(Format.bar(now, width: 30)) \(Int(now * 100)) % \(what)"
                FileHandle.standardOutput.write(Data((text + (now >= 1 ? "\n" : "")).utf8))
            } else if Int(before * 10) < Int(now * 10) {
                note("\(Int(now * 100)) % \(what)")
            }
        }
    }

    private func part(_ done: Int64) -> Double { Double(done) / Double(total) }
}
