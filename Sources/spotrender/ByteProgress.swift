import AWS
import Presentation
import Foundation
import Synchronization

/// How much of something large is done: a bar on a terminal, else a line on standard error at each
/// tenth.
final class ByteProgress: Sendable {
    private let what: String
    private let total: Int64
    private let isShown: Bool
    private let done = Mutex<Int64>(0)

    /// - Parameter what: As in “of scene.blend” or “sent”.
    init(_ what: String, total: Int64, isShown: Bool) {
        self.what = what
        self.total = total
        // What takes one request is there at once.
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
                sayAside("\(Int(now * 100)) % \(what)")
            }
        }
    }

    private func part(_ done: Int64) -> Double { Double(done) / Double(total) }
}
