import FlyingSocks
import FoundationEssentials

/// Server-sent events: sends what `next` returns until the browser disconnects.
struct EventStream: AsyncBufferedSequence {
    typealias Element = UInt8

    /// Waits for changes and returns whole events.
    let next: @Sendable () async throws -> [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(next: next) }

    struct Iterator: AsyncBufferedIteratorProtocol {
        let next: @Sendable () async throws -> [UInt8]
        private var rest: ArraySlice<UInt8> = []

        init(next: @escaping @Sendable () async throws -> [UInt8]) {
            self.next = next
        }

        mutating func next() async throws -> UInt8? {
            try await nextBuffer(suggested: 1)?.first
        }

        mutating func nextBuffer(suggested count: Int) async throws -> ArraySlice<UInt8>? {
            if rest.isEmpty { rest = try await next()[...] }
            let part = rest.prefix(Swift.max(1, count))
            rest = rest.dropFirst(part.count)
            return part
        }
    }

    /// An event's text, whose data must be one line.
    static func event(_ name: String, _ line: Data) -> [UInt8] {
        Array("event: \(name)\ndata: ".utf8) + line + Array("\n\n".utf8)
    }
}
