/// Black or fully transparent frames, from the attempts' reports. They are stored like all others,
/// since a film may begin with black. They are listed, since mostly something is wrong.
package struct BlankFrames: Hashable, Sendable, CustomStringConvertible {
    /// Sorted.
    package let numbers: [Int]

    package init(in attempts: [Attempt]) {
        numbers = Set(attempts.flatMap { $0.report?.blankFrames ?? [] }).sorted()
    }

    package var isEmpty: Bool { numbers.isEmpty }

    /// As in `3 frames black or fully transparent: 4, 7-8`. Long lists are cut.
    package var description: String {
        let spans = numbers.reduce(into: [ClosedRange<Int>]()) { spans, frame in
            if let last = spans.last, last.upperBound + 1 == frame {
                spans[spans.count - 1] = last.lowerBound...frame
            } else {
                spans.append(frame...frame)
            }
        }
        let shown = spans.prefix(Self.spansMax).map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        let rest = spans.count > Self.spansMax ? ", …" : ""
        return "\(numbers.count) frame\(numbers.count == 1 ? "" : "s") black or fully transparent: "
            + shown.joined(separator: ", ") + rest
    }

    private static let spansMax = 20
}
