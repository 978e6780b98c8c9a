import Foundation

// What the world is to the commands: the clock, chance, the terminal.

func say(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

/// For people only: standard output is for what programs may read on.
func sayAside(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

/// Returns early when the calling task is canceled, which its caller then sees for itself.
func pause(_ duration: Duration) async {
    do {
        try await Task.sleep(for: duration)
    } catch {
        return
    }
}

/// What `body` makes of each, in their order, of some at a time. The first error ends all.
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

/// This program's file, to start it once more.
func ownPath() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
}
