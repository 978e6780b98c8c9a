/// Cuts a stream of bytes into lines. The bytes arrive in pieces of any size.
///
/// A line longer than `lengthMax` is cut there, and its rest is dropped: untrusted output must not
/// fill memory.
package struct LineSplitter: Sendable {
    /// Bytes kept of a line. The longest path in Linux has 4,096.
    package static let lengthMax = 8192

    private var line: [UInt8] = []

    package init() {}

    /// The lines that `bytes` completes.
    package mutating func append(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                lines.append(take())
            } else if line.count < Self.lengthMax {
                line.append(byte)
            }
        }
        return lines
    }

    /// The rest after the last line end.
    package mutating func finish() -> String? {
        line.isEmpty ? nil : take()
    }

    private mutating func take() -> String {
        defer { line.removeAll(keepingCapacity: true) }
        return String(decoding: line, as: UTF8.self)
    }
}
