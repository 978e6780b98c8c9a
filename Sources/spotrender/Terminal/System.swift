import Foundation
import Presentation

// What the commands need from the system: output, time, randomness, paths.

/// Prints a line to standard output. Control characters are shown, not sent to the terminal.
func show(_ text: String) {
    FileHandle.standardOutput.write(Data((Format.visible(text) + "\n").utf8))
}

/// Prints a line for people to standard error. Standard output is for programs.
func note(_ text: String) {
    FileHandle.standardError.write(Data((Format.visible(text) + "\n").utf8))
}

/// Waits. Returns early if the calling task is canceled.
func pause(_ duration: Duration) async {
    do {
        try await Task.sleep(for: duration)
    } catch {
        return
    }
}

/// Runs `body` for all items, at most `concurrencyMax` at a time, and returns the answers in the
/// items' order. The first error ends everything.
func inParallel<Item: Sendable, Answer: Sendable>(
    _ items: [Item], concurrencyMax: Int, _ body: @escaping @Sendable (Item) async throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
        var answers = [Answer?](repeating: nil, count: items.count)
        var waiting = items.enumerated().makeIterator()
        func addNext() {
            guard let (index, item) = waiting.next() else { return }
            group.addTask { (index, try await body(item)) }
        }
        for _ in 0..<concurrencyMax { addNext() }
        while let (index, answer) = try await group.next() {
            answers[index] = answer
            addNext()
        }
        return answers.compactMap(\.self)
    }
}

func randomHex(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return String(
        (0..<count).map { _ in "0123456789abcdef".randomElement(using: &generator) ?? "0" })
}

func absolute(_ path: String) -> String {
    let whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return URL(filePath: whole).standardizedFileURL.path(percentEncoded: false)
        .replacing(/\/+$/, with: "")
}

/// The path of this program.
func ownPath() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
}
