/// One of the parts that a frame's samples are divided into. Each part is a task of its own.
package struct SampleShare: Hashable, Sendable, CustomStringConvertible {
    /// From 0.
    package let index: Int
    package let count: Int

    package init(_ index: Int, of count: Int) {
        precondition((0..<count).contains(index), "The index is below the count.")
        self.index = index
        self.count = count
    }

    /// The whole frame.
    package static let all = SampleShare(0, of: 1)

    /// Only the first share counts the frame, so a frame counts once.
    package var isFirst: Bool { index == 0 }

    /// The share's samples when `shares` workers divide them; `nil` for a share without samples,
    /// because there are fewer shares than requested or fewer samples than shares.
    package func range(of samples: Int, among shares: Int) -> SampleRange? {
        guard index < shares else { return nil }
        let (start, end) = (samples * index / shares, samples * (index + 1) / shares)
        return start < end ? SampleRange(start: start, count: end - start) : nil
    }

    /// Counts from 1, as people do.
    package var description: String { "\(index + 1) of \(count)" }
}
