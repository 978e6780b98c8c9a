/// Cuts a stream of bytes into lines, whatever the pieces it arrives in.
///
/// A line longer than `lengthMax` is cut there, and the rest of it is dropped: output is untrusted
/// and must not fill memory.
package struct LineSplitter: Sendable {
    /// Bytes kept of a line: the longest path Linux takes is 4,096.
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

    /// What came after the last line end.
    package mutating func finish() -> String? {
        line.isEmpty ? nil : take()
    }

    private mutating func take() -> String {
        defer { line.removeAll(keepingCapacity: true) }
        return String(decoding: line, as: UTF8.self)
    }
}
