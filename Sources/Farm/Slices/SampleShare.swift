/// One of the parts into which a frame's samples are dealt, each a task of its own.
package struct SampleShare: Hashable, Sendable, CustomStringConvertible {
    /// From 0.
    package let index: Int
    package let count: Int

    package init(_ index: Int, of count: Int) {
        precondition((0..<count).contains(index), "A share is one of its number.")
        self.index = index
        self.count = count
    }

    /// The whole frame.
    package static let all = SampleShare(0, of: 1)

    /// Of each frame, one share counts it: a frame is counted once.
    package var isFirst: Bool { index == 0 }

    /// The share's samples when they are dealt among `shares` workers: `nil` for one that gets none,
    /// since there are fewer shares than were asked for, or fewer samples than shares.
    package func range(of samples: Int, among shares: Int) -> SampleRange? {
        guard index < shares else { return nil }
        let (start, end) = (samples * index / shares, samples * (index + 1) / shares)
        return start < end ? SampleRange(start: start, count: end - start) : nil
    }

    /// As people count: from 1.
    package var description: String { "\(index + 1) of \(count)" }
}
